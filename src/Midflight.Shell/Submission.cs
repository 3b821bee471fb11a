using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Midflight.Shell;

/// <summary>What was typed at once, compiled; or why it does not compile.</summary>
/// <param name="Name">Name of its assembly and of the class in it.</param>
/// <param name="Compilation">What the next one builds upon.</param>
/// <param name="Image">The assembly; null where there is nothing to run.</param>
/// <param name="HasValue">Whether it ends in an expression that has a value.</param>
/// <param name="Errors">As the compiler gives them. With any, nothing else counts.</param>
internal sealed record Submission(
    string Name, CSharpCompilation Compilation, byte[]? Image, bool HasValue, ImmutableArray<Diagnostic> Errors)
{
    internal bool Compiles => Errors.IsEmpty;
}
