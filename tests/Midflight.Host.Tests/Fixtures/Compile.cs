using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Midflight.Releases;

namespace Midflight.Host.Tests;

/// <summary>Compiles versions of applications for tests.</summary>
internal static class Compile
{
    private static readonly CSharpCompilationOptions s_options = new(
        OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, deterministic: true, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);

    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileName(file) is var name && (name.StartsWith("System.", StringComparison.Ordinal)
                || name is "netstandard.dll" or "Midflight.dll" or "Microsoft.Extensions.Logging.Abstractions.dll" || IsOfWeb(name)))
            .Select(file => MetadataReference.CreateFromFile(file)),
    ];

#if WEB
    private static bool IsOfWeb(string name) => name.StartsWith("Microsoft.", StringComparison.Ordinal) || name is "Midflight.AspNetCore.dll";
#else
    private static bool IsOfWeb(string name) => false;
#endif

    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Collections.Immutable;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Midflight;
        """;

    /// <summary>An application of one assembly.</summary>
    public static ApplicationImage Application(
        string name, string source, string version = "0.1.0", KeepMode keep = KeepMode.Unloadable, params ApplicationImage[] uses) =>
        new(name, version, [Assembly(name, source, version, [.. uses.SelectMany(image => image.Assemblies)])]) { Keep = keep };

    // Many tests begin with the same versions, and to compile one takes longer than to load it.
    private static readonly ConcurrentDictionary<(string Name, string Source, string Version), Lazy<AssemblyImage>> s_compiled = new();

    /// <summary>An assembly.</summary>
    public static AssemblyImage Assembly(string name, string source, string version = "0.1.0", params AssemblyImage[] references) => references.Length > 0
        ? New(name, source, version, references)
        : s_compiled.GetOrAdd((name, source, version), key => new(() => New(key.Name, key.Source, key.Version, []))).Value;

    /// <summary>An assembly with debug symbols of another format than beside it.</summary>
    public static AssemblyImage Assembly(string name, string source, DebugInformationFormat format) => New(name, source, "0.1.0", [], format);

    /// <summary>An assembly that is compiled once only.</summary>
    public static AssemblyImage New(string name, string source, string version) => New(name, source, version, []);

    private static AssemblyImage New(
        string name, string source, string version, AssemblyImage[] references, DebugInformationFormat format = DebugInformationFormat.PortablePdb)
    {
        var compilation = Compilation(name, source, version, references);
        using var image = new MemoryStream();
        using var symbols = new MemoryStream();
        var isInside = format == DebugInformationFormat.Embedded;
        var result = compilation.Emit(image, isInside ? null : symbols, options: new EmitOptions(debugInformationFormat: format));

        return result.Success
            ? AssemblyImage.Of(image.ToArray(), isInside ? null : symbols.ToArray())
            : throw new InvalidOperationException(string.Join(Environment.NewLine, result.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
    }

    /// <summary>A compilation of a source, which is its last tree.</summary>
    public static CSharpCompilation Compilation(string name, string source, string version, params AssemblyImage[] references)
    {
        var parse = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest);
        return CSharpCompilation.Create(
            name,
            [
                CSharpSyntaxTree.ParseText(Usings, parse, encoding: Encoding.UTF8),
                CSharpSyntaxTree.ParseText($"[assembly: System.Reflection.AssemblyVersion(\"{version}\")]", parse, encoding: Encoding.UTF8),
                CSharpSyntaxTree.ParseText(source, parse, path: $"{name}.cs", encoding: Encoding.UTF8),
            ],
            [.. s_references, .. references.Select(reference => MetadataReference.CreateFromImage(reference.Bytes))],
            s_options);
    }
}
