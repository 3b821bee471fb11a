using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Editing;
using Microsoft.CodeAnalysis.Formatting;

namespace Midflight.CodeFixes;

/// <summary>Writes the conversions between an earlier shape and its enclosing type, up and down.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class WrittenConvert : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds => ["MF0008"];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        var root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);

        // An earlier shape defined elsewhere only states by name which type it belonged to.
        if (root?.FindNode(context.Span).FirstAncestorOrSelf<TypeDeclarationSyntax>() is { Parent: TypeDeclarationSyntax } shape)
        {
            context.RegisterCodeFix(
                CodeAction.Create("Write the conversions", cancellation => Write(context.Document, shape, cancellation), nameof(WrittenConvert)),
                context.Diagnostics);
        }
    }

    private static async Task<Document> Write(Document document, TypeDeclarationSyntax shape, CancellationToken cancellation)
    {
        var editor = await DocumentEditor.CreateAsync(document, cancellation).ConfigureAwait(false);

        if (editor.SemanticModel.GetDeclaredSymbol(shape, cancellation) is { ContainingType: { } now } old)
        {
            editor.InsertAfter(shape, [Conversion("From", old, now, "old"), Conversion("Back", now, old, "now")]);
        }

        return editor.GetChangedDocument();
    }

    private static MemberDeclarationSyntax Conversion(string name, INamedTypeSymbol from, INamedTypeSymbol to, string parameter) => SyntaxFactory
        .ParseMemberDeclaration($"[Convert]\nprivate static {to.Name} {name}({from.Name} {parameter}) => {Body(from, to, parameter)};\n")!
        .WithLeadingTrivia(SyntaxFactory.ElasticCarriageReturnLineFeed)
        .WithAdditionalAnnotations(Formatter.Annotation);

    // Members with the same name are copied. One left on each side is copied if the types match. A person must decide about all others.
    private static string Body(INamedTypeSymbol from, INamedTypeSymbol to, string parameter)
    {
        var constructor = to.InstanceConstructors
            .Where(constructor => constructor.Parameters.Length != 1 || !SymbolEqualityComparer.Default.Equals(constructor.Parameters[0].Type, to))
            .OrderByDescending(constructor => constructor.Parameters.Length).FirstOrDefault();
        var places = constructor?.Parameters.IsEmpty == false
            ? constructor.Parameters.Select(place => (place.Name, place.Type, IsOptional: place.HasExplicitDefaultValue)).ToList()
            : [.. Values(to).Where(value => value.SetMethod is not null).Select(value => (value.Name, value.Type, IsOptional: false))];
        var values = Values(from).ToList();
        var given = places.ToDictionary(place => place.Name, place => values.FirstOrDefault(value => IsSame(value, place.Name, place.Type)));
        var open = places.Where(place => given[place.Name] is null && !place.IsOptional).ToList();
        var left = values.Except(given.Values, SymbolEqualityComparer.Default).OfType<IPropertySymbol>().ToList();

        if (open.Count == 1 && left.Count(value => SymbolEqualityComparer.Default.Equals(value.Type, open[0].Type)) == 1)
        {
            given[open[0].Name] = left.First(value => SymbolEqualityComparer.Default.Equals(value.Type, open[0].Type));
            open.Clear();
        }

        if (open.Count > 0)
        {
            return $"throw new System.NotImplementedException(\"Say what becomes of {string.Join(", ", open.Select(place => place.Name))}.\")";
        }

        var isCalled = constructor?.Parameters.IsEmpty == false;
        var written = places.Where(place => given[place.Name] is not null).Select((place, at) =>
            isCalled && places.FindIndex(other => other.Name == place.Name) == at ? $"{parameter}.{given[place.Name]!.Name}"
            : isCalled ? $"{place.Name}: {parameter}.{given[place.Name]!.Name}"
            : $"{place.Name} = {parameter}.{given[place.Name]!.Name}");
        return isCalled ? $"new({string.Join(", ", written)})" : $"new() {{ {string.Join(", ", written)} }}";
    }

    private static IEnumerable<IPropertySymbol> Values(INamedTypeSymbol type) => type.GetMembers().OfType<IPropertySymbol>()
        .Where(value => value is { IsStatic: false, IsIndexer: false, GetMethod: not null, IsImplicitlyDeclared: false } && value.Name != "EqualityContract");

    private static bool IsSame(IPropertySymbol value, string name, ITypeSymbol type) =>
        string.Equals(value.Name, name, StringComparison.OrdinalIgnoreCase) && SymbolEqualityComparer.Default.Equals(value.Type, type);
}
