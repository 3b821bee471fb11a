using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Midflight.Host.Evaluation;

namespace Midflight.Shell;

/// <summary>Compiles input. Each submission builds on the ones before it.</summary>
/// <remarks>
/// It uses the compiler's script mode, but not the scripting package: that would load a copy of the node's code into this
/// operating system process and run it here.
/// </remarks>
internal static class SubmissionCompiler
{
    internal static readonly CSharpParseOptions ParseOptions =
        new(LanguageVersion.Latest, DocumentationMode.None, SourceCodeKind.Script);

    private static readonly CSharpCompilationOptions Options = new(
        OutputKind.DynamicallyLinkedLibrary,
        optimizationLevel: OptimizationLevel.Release,
        nullableContextOptions: NullableContextOptions.Annotations,
        concurrentBuild: false);

    /// <summary>Whether a text is complete, or only the start of something.</summary>
    internal static bool IsComplete(string text) => SyntaxFactory.IsCompleteSubmission(Parse(text));

    /// <summary>Parses a text, and adds the semicolon if that is all that is missing.</summary>
    internal static SyntaxTree Parse(string text)
    {
        var tree = CSharpSyntaxTree.ParseText(text, ParseOptions);

        if (!IsBroken(tree))
        {
            return tree;
        }

        var ended = CSharpSyntaxTree.ParseText(text + ";", ParseOptions);

        // The head of a function whose body is still to come is not a statement until it ends.
        return !IsBroken(ended) && ended.GetCompilationUnitRoot().Members is [.., GlobalStatementSyntax or FieldDeclarationSyntax] ? ended : tree;
    }

    private static bool IsBroken(SyntaxTree tree) => tree.GetDiagnostics().Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    /// <summary>Compiles a submission.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="number">A number unique within the shell.</param>
    /// <param name="references">The code of the node.</param>
    /// <param name="before">The submission that it builds on; null for the first.</param>
    internal static Submission Compile(string text, int number, ImmutableArray<MetadataReference> references, CSharpCompilation? before)
    {
        var name = ShellNames.SubmissionPrefix + number;
        var tree = Parse(text);
        var compilation = Create(name, tree, references, before);

        if (Value(tree) is { } value && AwaitsOf(compilation, value) is { } awaiting)
        {
            // Someone who types KV.Get("a") wants the answer, not a task.
            var awaited = tree.GetRoot().ReplaceNode(value, awaiting);
            tree = tree.WithRootAndOptions(awaited, ParseOptions);
            compilation = Create(name, tree, references, before);
        }

        var hasValue = HasValue(compilation, tree);
        var errors = Errors(compilation.GetDiagnostics());

        if (!errors.IsEmpty || tree.GetCompilationUnitRoot().Members.Count == 0)
        {
            return new(name, compilation, null, false, errors);
        }

        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        return new(name, compilation, image.ToArray(), hasValue, Errors(emitted.Diagnostics));
    }

    private static CSharpCompilation Create(string name, SyntaxTree tree, ImmutableArray<MetadataReference> references, CSharpCompilation? before) =>
        CSharpCompilation.CreateScriptCompilation(name, tree, references, Options.WithScriptClassName(name), before, typeof(object));

    // The last expression without a semicolon: its value is the value of the submission.
    private static ExpressionSyntax? Value(SyntaxTree tree) =>
        tree.GetCompilationUnitRoot().Members.LastOrDefault() is GlobalStatementSyntax
        {
            Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } statement,
        }
            ? statement.Expression
            : null;

    private static AwaitExpressionSyntax? AwaitsOf(CSharpCompilation compilation, ExpressionSyntax value)
    {
        var type = compilation.GetSemanticModel(value.SyntaxTree).GetTypeInfo(value).Type;

        return IsAwaitable(type) && value is not AssignmentExpressionSyntax
            ? SyntaxFactory.AwaitExpression(
                SyntaxFactory.Token(SyntaxKind.AwaitKeyword).WithTrailingTrivia(SyntaxFactory.Space),
                SyntaxFactory.ParenthesizedExpression(value.WithoutTrivia())).WithTriviaFrom(value)
            : null;
    }

    private static bool IsAwaitable(ITypeSymbol? type) => type is not null
        && (type.GetMembers("GetAwaiter").OfType<IMethodSymbol>().Any(method => method.Parameters.IsEmpty) || IsAwaitable(type.BaseType));

    private static bool HasValue(CSharpCompilation compilation, SyntaxTree tree)
    {
        if (Value(tree) is { } value)
        {
            return compilation.GetSemanticModel(tree).GetTypeInfo(value).Type is not (null or { SpecialType: SpecialType.System_Void })
                || value.IsKind(SyntaxKind.NullLiteralExpression);
        }

        return tree.GetCompilationUnitRoot().Members
            .OfType<GlobalStatementSyntax>()
            .SelectMany(statement => statement.DescendantNodes(node => node is not (AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax)))
            .Any(node => node is ReturnStatementSyntax { Expression: not null });
    }

    private static ImmutableArray<Diagnostic> Errors(ImmutableArray<Diagnostic> diagnostics) =>
        [.. diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)];
}
