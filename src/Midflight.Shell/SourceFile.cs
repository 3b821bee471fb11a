using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Midflight.Shell;

/// <summary>A C# file that is an application of its own, named after the file.</summary>
internal sealed record SourceFile(string Path)
{
    // What the file can leave out: the same as in a project with implicit usings that uses Midflight.
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Collections.Immutable;
        global using System.IO;
        global using System.Linq;
        global using System.Threading.Tasks;
        global using Midflight;
        global using static Midflight.Process;
        """;

    private static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest, DocumentationMode.None);

    private static readonly CSharpCompilationOptions Options = new(
        OutputKind.DynamicallyLinkedLibrary,
        optimizationLevel: OptimizationLevel.Release,
        nullableContextOptions: NullableContextOptions.Enable,
        deterministic: true,
        concurrentBuild: false);

    /// <summary>The name of the application and of its assembly.</summary>
    internal string Application => System.IO.Path.GetFileNameWithoutExtension(Path).ToLowerInvariant();

    /// <summary>Compiles the file as it is now.</summary>
    internal CompiledFile Compile(IEnumerable<MetadataReference> references)
    {
        var text = SourceText.From(File.ReadAllText(Path), Encoding.UTF8);
        var compilation = CSharpCompilation.Create(
            Application,
            [CSharpSyntaxTree.ParseText(text, ParseOptions, Path), CSharpSyntaxTree.ParseText(SourceText.From(Usings, Encoding.UTF8), ParseOptions, "usings.cs")],
            references,
            Options);
        using var image = new MemoryStream();
        using var symbols = new MemoryStream();
        var emitted = compilation.Emit(image, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        ImmutableArray<Diagnostic> said = [.. emitted.Diagnostics.Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning)];

        return new(emitted.Success, image.ToArray(), symbols.ToArray(), said);
    }

    /// <summary>Finds the file for a module in a folder: <c>kv.cs</c> for <c>KV</c>, <c>my-server.cs</c> for <c>MyServer</c>.</summary>
    internal static SourceFile? Find(string folder, string module)
    {
        var name = module.Split('.')[^1];
        var file = Directory.EnumerateFiles(folder, "*.cs").Order().FirstOrDefault(file => string.Equals(
            System.IO.Path.GetFileNameWithoutExtension(file).Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal),
            name,
            StringComparison.OrdinalIgnoreCase));
        return file is null ? null : new(file);
    }
}

/// <param name="Compiles">Whether there is something to load.</param>
/// <param name="Image">The assembly.</param>
/// <param name="Symbols">Its debug symbols.</param>
/// <param name="Said">Errors and warnings.</param>
internal sealed record CompiledFile(bool Compiles, byte[] Image, byte[] Symbols, ImmutableArray<Diagnostic> Said);
