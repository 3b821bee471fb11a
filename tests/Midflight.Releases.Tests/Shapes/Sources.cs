using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Midflight.Releases.Tests.Shapes;

/// <summary>Compiles sources as one version of an application and reads its metadata.</summary>
internal static class Sources
{
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.Collections.Immutable;
        global using System.Linq;
        global using System.Threading.Tasks;
        global using Midflight;
        namespace Midflight { }
        """;

    private static readonly ImmutableArray<MetadataReference> s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is var name && (name.StartsWith("System.", StringComparison.Ordinal) || name == "Midflight.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static ImmutableArray<byte> Compile(string name, string[] sources, params ImmutableArray<byte>[] references)
    {
        var trees = sources.Prepend(Usings).Select((source, index) => CSharpSyntaxTree.ParseText(source, path: $"/{name}/{index}.cs"));
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable)
            .WithOptimizationLevel(OptimizationLevel.Release).WithAllowUnsafe(true);
        // An assembly given by the name of Midflight's stands for it.
        var shared = name == "Midflight" || references.Any(image => AssemblyFile.Read(image).Name == "Midflight")
            ? s_references.Where(reference => Path.GetFileName(reference.Display) != "Midflight.dll")
            : s_references;
        var compilation = CSharpCompilation.Create(name, trees, [.. shared, .. references.Select(image => MetadataReference.CreateFromImage(image))], options);
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        return [.. image.ToArray()];
    }

    public static AssemblyFile Read(string source) => AssemblyFile.Read(Compile("App", [source]));

    public static ShapeRules Rules(string old, string now, string oldVersion = "0.1.0", string version = "0.2.0") =>
        new(new([(oldVersion, Read(old).Shapes)]), new([(version, Read(now).Shapes)]));
}
