using System.Collections.Immutable;
using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Midflight.Cli.Development;

/// <summary>A project whose compiler stays in memory: its sources are parsed and its references read once, and only changes are processed again.</summary>
internal sealed class WarmProject
{
    private readonly CSharpCommandLineArguments _arguments;
    private CSharpCompilation _compilation;
    private GeneratorDriver _generators;

    private WarmProject(string file, CSharpCommandLineArguments arguments)
    {
        (File, _arguments, Name) = (file, arguments, arguments.CompilationName!);
        _compilation = CSharpCompilation.Create(
            Name,
            arguments.SourceFiles.Select(source => Parse(source.Path)),
            arguments.MetadataReferences.Select(reference => MetadataReference.CreateFromFile(Full(reference.Reference), reference.Properties)),
            arguments.CompilationOptions.WithConcurrentBuild(true));
        _generators = CSharpGeneratorDriver.Create(
            Generators(), arguments.AdditionalFiles.Select(file => new AdditionalFile(Full(file.Path))), arguments.ParseOptions, Options());
    }

    /// <summary>The project file.</summary>
    public string File { get; }

    /// <summary>The name of its assembly.</summary>
    public string Name { get; }

    /// <summary>The folder of its sources.</summary>
    public string Folder => Path.GetDirectoryName(File)!;

    /// <summary>Its sources, by full path.</summary>
    public IEnumerable<string> Sources => _compilation.SyntaxTrees.Select(tree => tree.FilePath);

    /// <summary>The assemblies that it refers to, by simple name.</summary>
    public IEnumerable<string> References => _arguments.MetadataReferences.Select(reference => Path.GetFileNameWithoutExtension(reference.Reference));

    /// <summary>The reference assembly that others are compiled against; null before it was compiled.</summary>
    public ImmutableArray<byte> Surface { get; private set; }

    /// <summary>Reads the compiler's arguments, as recorded when the project was built.</summary>
    /// <param name="file">The project file in the first line, then one compiler argument per line.</param>
    public static WarmProject Read(string file)
    {
        var lines = System.IO.File.ReadAllLines(file);
        return new(lines[0], CSharpCommandLineParser.Default.Parse(lines[1..], Path.GetDirectoryName(lines[0]), sdkDirectory: null));
    }

    /// <summary>Reads sources again.</summary>
    /// <returns>Whether one of them has changed.</returns>
    public bool Read(IReadOnlySet<string> files)
    {
        var before = _compilation;

        foreach (var tree in _compilation.SyntaxTrees.Where(tree => files.Contains(tree.FilePath)))
        {
            if (Text(tree.FilePath) is var text && !text.ContentEquals(tree.GetText()))
            {
                _compilation = _compilation.ReplaceSyntaxTree(tree, tree.WithChangedText(text));
            }
        }

        return _compilation != before;
    }

    /// <summary>Refers to the new version of another project.</summary>
    public void Refer(WarmProject other)
    {
        var old = _compilation.References.OfType<PortableExecutableReference>()
            .First(reference => Path.GetFileNameWithoutExtension(reference.FilePath ?? reference.Display) == other.Name);
        _compilation = _compilation.ReplaceReference(old, MetadataReference.CreateFromImage(other.Surface, old.Properties, filePath: $"{other.Name}.dll"));
    }

    /// <summary>Compiles it.</summary>
    public Compiled Compile()
    {
        _generators = _generators.RunGeneratorsAndUpdateCompilation(_compilation, out var whole, out var said);
        using var image = new MemoryStream();
        using var symbols = new MemoryStream();
        var emitted = whole.Emit(
            image, symbols, manifestResources: _arguments.ManifestResources,
            options: _arguments.EmitOptions.WithDebugInformationFormat(DebugInformationFormat.PortablePdb));
        ImmutableArray<Diagnostic> errors =
            [.. said.Concat(emitted.Diagnostics).Where(diagnostic => diagnostic is { Severity: DiagnosticSeverity.Error, IsSuppressed: false })];

        if (!emitted.Success || !errors.IsEmpty)
        {
            return new(null, null, SurfaceChanged: false, errors);
        }

        var surface = SurfaceOf(whole);
        var changed = Surface.IsDefault || !surface.AsSpan().SequenceEqual(Surface.AsSpan());
        Surface = surface;
        return new(image.ToArray(), symbols.ToArray(), changed, []);
    }

    private static ImmutableArray<byte> SurfaceOf(Compilation whole)
    {
        using var surface = new MemoryStream();
        _ = whole.Emit(surface, options: new EmitOptions(metadataOnly: true, includePrivateMembers: false));
        return [.. surface.ToArray()];
    }

    private SyntaxTree Parse(string path) => CSharpSyntaxTree.ParseText(Text(path), _arguments.ParseOptions, path);

    private SourceText Text(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        return SourceText.From(stream, _arguments.Encoding ?? Encoding.UTF8, _arguments.ChecksumAlgorithm, canBeEmbedded: true);
    }

    private string Full(string path) => Path.GetFullPath(path, Folder);

    private IEnumerable<ISourceGenerator> Generators() => _arguments.AnalyzerReferences
        .SelectMany(reference => new AnalyzerFileReference(Full(reference.FilePath), GeneratorLoader.Instance).GetGenerators(LanguageNames.CSharp));

    private ConfigOptions Options() => new(AnalyzerConfigSet.Create(
        _arguments.AnalyzerConfigPaths.Where(System.IO.File.Exists).Select(path => AnalyzerConfig.Parse(System.IO.File.ReadAllText(path), path)).ToImmutableArray()));

    private sealed class AdditionalFile(string path) : AdditionalText
    {
        public override string Path => path;

        public override SourceText? GetText(CancellationToken cancellationToken = default) =>
            System.IO.File.Exists(path) ? SourceText.From(System.IO.File.ReadAllText(path), Encoding.UTF8) : null;
    }

    private sealed class GeneratorLoader : IAnalyzerAssemblyLoader
    {
        public static readonly GeneratorLoader Instance = new();

        public void AddDependencyLocation(string fullPath)
        {
        }

        public System.Reflection.Assembly LoadFromPath(string fullPath) => System.Reflection.Assembly.LoadFrom(fullPath);
    }

    private sealed class ConfigOptions(AnalyzerConfigSet set) : AnalyzerConfigOptionsProvider
    {
        public override AnalyzerConfigOptions GlobalOptions { get; } = new Values(set.GlobalConfigOptions.AnalyzerOptions);

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => Of(tree.FilePath);

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => Of(textFile.Path);

        private Values Of(string path) => new(set.GetOptionsForSourcePath(path).AnalyzerOptions);

        private sealed class Values(ImmutableDictionary<string, string> values) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value) => values.TryGetValue(key, out value);
        }
    }
}

/// <summary>The result of compiling a project.</summary>
/// <param name="Image">The assembly; null where it does not compile.</param>
/// <param name="Symbols">Its debug symbols.</param>
/// <param name="SurfaceChanged">Whether its public surface has changed, so that others must be compiled again.</param>
/// <param name="Errors">Why it does not compile.</param>
internal sealed record Compiled(byte[]? Image, byte[]? Symbols, bool SurfaceChanged, ImmutableArray<Diagnostic> Errors);
