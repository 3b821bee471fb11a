using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Midflight.Shell;

/// <summary>A piece of input, compiled, or the reasons why it does not compile.</summary>
/// <param name="Name">Name of its assembly and of the class in it.</param>
/// <param name="Compilation">What the next submission builds on.</param>
/// <param name="Image">The assembly; null if there is nothing to run.</param>
/// <param name="HasValue">Whether it ends in an expression that has a value.</param>
/// <param name="Errors">The compiler's errors. If there are any, ignore the rest.</param>
internal sealed record Submission(
    string Name, CSharpCompilation Compilation, byte[]? Image, bool HasValue, ImmutableArray<Diagnostic> Errors)
{
    internal bool Compiles => Errors.IsEmpty;
}
