using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;

namespace Midflight.CodeFixes;

/// <summary>Makes a method marked [Convert] static, if that is all it lacks.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class StaticConvert : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => ["MF0007"];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);

        if (root?.FindNode(context.Span).FirstAncestorOrSelf<MethodDeclarationSyntax>() is { } method && !method.Modifiers.Any(SyntaxKind.StaticKeyword))
        {
            context.RegisterCodeFix(
                CodeAction.Create(
                    "Make it static",
                    async cancellation =>
                    {
                        var editor = await DocumentEditor.CreateAsync(context.Document, cancellation).ConfigureAwait(false);
                        editor.SetModifiers(method, editor.Generator.GetModifiers(method).WithIsStatic(true));
                        return editor.GetChangedDocument();
                    },
                    nameof(StaticConvert)),
                context.Diagnostics);
        }
    }
}
