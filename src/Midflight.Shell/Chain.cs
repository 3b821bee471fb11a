using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Midflight.Host.Evaluation;

namespace Midflight.Shell;

/// <summary>What has been typed against one set of code, and what later input can refer to.</summary>
internal sealed class Chain(string stamp, ImmutableArray<MetadataReference> references)
{
    private static readonly SymbolDisplayFormat TypeFormat = SymbolDisplayFormat.FullyQualifiedFormat
        .AddMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    // The newest variable of each name.
    private readonly Dictionary<string, Variable> _variables = [];
    private readonly Dictionary<string, string> _declarations = [];
    private readonly List<string> _usings = [];
    private CSharpCompilation? _last;

    internal string Stamp => stamp;

    internal IEnumerable<Variable> Variables => _variables.Values;

    /// <summary>The source of the types and functions that were typed.</summary>
    internal IEnumerable<string> Declarations => _declarations.Values;

    internal IReadOnlyList<string> Usings => _usings;

    internal Submission Compile(string text, int number) => SubmissionCompiler.Compile(text, number, references, _last);

    /// <summary>Lets later submissions build on one that has run, or has started to run.</summary>
    internal void Add(Submission submission)
    {
        _last = submission.Compilation;
        var root = submission.Compilation.SyntaxTrees[0].GetCompilationUnitRoot();

        foreach (var directive in root.Usings.Select(directive => directive.ToString()).Except(_usings).ToList())
        {
            _usings.Add(directive);
        }

        foreach (var member in root.Members.Where(member => member is not (GlobalStatementSyntax or FieldDeclarationSyntax)))
        {
            _declarations[Key(member)] = member.ToFullString().Trim();
        }

        foreach (var field in submission.Compilation.ScriptClass!.GetMembers().OfType<IFieldSymbol>().Where(field => !field.IsImplicitlyDeclared))
        {
            _variables[field.Name] = new(field.Name, submission.Name, Nameable(field.Type) ? Written(field.Type) : null);
        }
    }

    // The key of a method includes its parameters, so that overloads can coexist.
    private static string Key(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax method => $"{method.Identifier}({string.Join(",", method.ParameterList.Parameters.Select(parameter => parameter.Type))})",
        BaseTypeDeclarationSyntax type => type.Identifier.Text,
        DelegateDeclarationSyntax type => type.Identifier.Text,
        PropertyDeclarationSyntax property => property.Identifier.Text,
        _ => member.ToString(),
    };

    private static bool Nameable(ITypeSymbol type) => type switch
    {
        { IsAnonymousType: true } or { TypeKind: TypeKind.Error } => false,
        IArrayTypeSymbol array => Nameable(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.All(Nameable),
        _ => true,
    };

    // A typed type is nested in the class of its submission. The next chain declares it again.
    private static string Written(ITypeSymbol type) => System.Text.RegularExpressions.Regex.Replace(
        type.ToDisplayString(TypeFormat), $@"(global::)?{ShellNames.SubmissionPrefix}\d+\.", "");
}

/// <summary>A variable of a shell.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Submission">The submission that declares it.</param>
/// <param name="Type">Its type in C#; null for a type without a name.</param>
internal sealed record Variable(string Name, string Submission, string? Type);
