using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Midflight.Analyzers.Tests;

/// <summary>Runs all analyzers over code, as the compiler does.</summary>
internal static class Analysis
{
    private const string Usings = """
        global using System; global using System.Collections.Generic; global using System.Linq; global using System.Threading; global using System.Threading.Tasks;
        global using System.Net.Http; global using System.IO; global using Midflight;
        """;

    private static readonly ImmutableArray<MetadataReference> s_references =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(file => MetadataReference.CreateFromFile(file))];

    private static readonly ImmutableArray<DiagnosticAnalyzer> s_analyzers =
        [.. typeof(HotAnalyzer).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(DiagnosticAnalyzer))).Select(type => (DiagnosticAnalyzer)Activator.CreateInstance(type)!)];

    /// <summary>Every rule there is.</summary>
    public static IEnumerable<DiagnosticDescriptor> AllRules => s_analyzers.SelectMany(analyzer => analyzer.SupportedDiagnostics);

    /// <summary>What the analyzers say of code, which must compile.</summary>
    public static async Task<IReadOnlyList<Diagnostic>> Of(IEnumerable<string> sources, OutputKind kind = OutputKind.DynamicallyLinkedLibrary)
    {
        var options = new CSharpCompilationOptions(kind, nullableContextOptions: NullableContextOptions.Enable);
        var parsing = new CSharpParseOptions(LanguageVersion.Preview);
        var compilation = CSharpCompilation.Create("Hot", [.. sources.Prepend(Usings).Select(source => CSharpSyntaxTree.ParseText(source, parsing))], s_references, options);
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        return await compilation.WithAnalyzers(s_analyzers).GetAnalyzerDiagnosticsAsync();
    }

    /// <summary>The numbers of the rules that say something, each with the text that it points at: <c>MF0001 s_count</c>.</summary>
    public static async Task<IReadOnlyList<string>> Of(string source, OutputKind kind = OutputKind.DynamicallyLinkedLibrary) =>
        [.. (await Of([source], kind)).OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)
            .Select(diagnostic => $"{diagnostic.Id} {diagnostic.Location.SourceTree!.GetText().ToString(diagnostic.Location.SourceSpan)}")];

    /// <summary>The code after the fix of the first thing that is said has been taken.</summary>
    public static async Task<string> Fixed(string source, CodeFixProvider fix)
    {
        using var workspace = new AdhocWorkspace();
        var project = workspace.AddProject("Hot", LanguageNames.CSharp)
            .WithCompilationOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary))
            .WithParseOptions(new CSharpParseOptions(LanguageVersion.Preview))
            .AddMetadataReferences(s_references)
            .AddDocument("Usings.cs", Usings).Project;
        var document = project.AddDocument("Code.cs", SourceText.From(source));
        var said = await (await document.Project.GetCompilationAsync())!.WithAnalyzers(s_analyzers).GetAnalyzerDiagnosticsAsync();
        var actions = new List<CodeAction>();
        await fix.RegisterCodeFixesAsync(new CodeFixContext(document, Assert.Single(said), (action, _) => actions.Add(action), CancellationToken.None));
        var change = Assert.Single(await Assert.Single(actions).GetOperationsAsync(CancellationToken.None), operation => operation is ApplyChangesOperation);
        return (await ((ApplyChangesOperation)change).ChangedSolution.GetDocument(document.Id)!.GetTextAsync()).ToString();
    }
}
