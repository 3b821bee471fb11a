using System.Collections.Immutable;
using System.Text.Json;
using Midflight.Releases;
using Midflight.Releases.Packages;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>A node on a release in a temporary folder, beside packages of other versions: all real but the command line.</summary>
internal sealed class ReleaseFolder : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midflight-").FullName;

    public ReleaseFolder()
    {
        Layout = new ReleaseLayout(Path.Combine(_folder, "root"));
        Directory.CreateDirectory(Layout.Run);
    }

    public ReleaseLayout Layout { get; }

    /// <summary>Whether applications start, and scripts call what they say. Default: only code is loaded, and calls are noted.</summary>
    public bool IsWhole { get; init; }

    /// <summary>How applications of these names are started. Default: permanent.</summary>
    public Dictionary<string, StartType> Types { get; } = [];

    /// <summary>What else the specification of an application says, by its name and that of the release.</summary>
    public Dictionary<(string Application, string Release), Func<ApplicationSpec, ApplicationSpec>> Details { get; } = [];

    /// <summary>To which applications of the same release one refers; these stand before it. Default: none refers to another.</summary>
    public Dictionary<string, string[]> Uses { get; } = [];

    /// <summary>The configuration of a release.</summary>
    public Dictionary<string, string> Configurations { get; } = [];

    public TestNode Node { get; private set; } = new();

    public ReleaseHandler Handler { get; private set; } = null!;

    public Scripts Scripts { get; } = new();

    /// <summary>What the release handler told the process to become; null if it did not.</summary>
    public NodeEnd? End { get; private set; }

    /// <summary>Makes a package of a version and puts it into the root.</summary>
    public void Package(string version, params (string Name, string Source)[] applications) => Build(version, Layout.Root, applications);

    /// <summary>The same, of a release on another .NET.</summary>
    public void Package(string version, string runtime, params (string Name, string Source)[] applications) => Build(version, Layout.Root, applications, runtime);

    /// <summary>Makes a version, unpacks and loads it, and makes it permanent.</summary>
    public async Task Start(string version, params (string Name, string Source)[] applications)
    {
        Unpack(version, applications);
        await Restart(version);
    }

    /// <summary>Makes a version, unpacks it and makes it permanent, for a host to start.</summary>
    public void Unpack(string version, params (string Name, string Source)[] applications)
    {
        Build(version, Layout.Root, applications);
        var unpacked = ReleasePackage.Unpack(Layout, "demo", version, Environment.Version);
        Assert.True(unpacked is UnpackResult.Done, unpacked.ToString());
        StartFile.Of(ReleaseManifest.Read(Layout, version)).Write(Layout);
    }

    /// <summary>Unpacks a version, if need be, and gives it a relup made by hand, from another version and back to it.</summary>
    public async Task Relup(string version, string from, LowLevel[] up, LowLevel[] down)
    {
        if (Handler.Which().All(release => release.Version != version))
        {
            await Handler.Unpack(version);
        }

        File.WriteAllText(
            Layout.RelupFile(version), RelupFile.Write(new Relup(version, [new RelupScript(from, "", [.. up])], [new RelupScript(from, "", [.. down])])));
    }

    /// <summary>Unpacks a version and gives its application an appup made by hand, from another version and back to it.</summary>
    public async Task Appup(string version, string from, Instruction[] up, Instruction[] down)
    {
        await Handler.Unpack(version);
        var other = new AppupVersion.Exact(from);
        File.WriteAllText(Layout.AppupFile("demo", version), AppupFile.Write(new Appup(version, [new(other, [.. up])], [new(other, [.. down])])));
    }

    /// <summary>Begins a release handler anew, as a node does that starts on what is committed.</summary>
    public Task Restart(string version) => Restart(version, goesOn: false);

    /// <summary>Does what the release handler told: stops the node and starts another, which goes on.</summary>
    /// <param name="before">Done before the new node goes on.</param>
    /// <returns>What comes of going on.</returns>
    public async Task<UpgradeReport> Become(Action<ReleaseHandler>? before = null)
    {
        var end = Assert.IsType<NodeEnd.GoOn>(End);
        await StopNode();
        await Restart(end.Applications, goesOn: true);
        before?.Invoke(Handler);
        return await Handler.GoOn();
    }

    /// <summary>Stops the node, however it came to that, and starts another on what is committed.</summary>
    public async Task StartOver()
    {
        await StopNode();
        await Restart(StartFile.Read(Layout)!.Release);
    }

    private async Task StopNode()
    {
        Handler.Dispose();
        await Node.DisposeAsync();
        (Node, End) = (new TestNode(), null);
    }

    private async Task Restart(string version, bool goesOn)
    {
        foreach (var (name, number) in Applications(version))
        {
            var spec = ImageSpec(name, number);
            await Node.Load(ApplicationFolder.Read(Layout.Library(name, number), spec));
        }

        if (IsWhole)
        {
            await Node.Node.Applications.Start(InstalledCode.Read(Layout, version).Definitions(Node.Code));
        }

        Handler = new ReleaseHandler(
            Node.Node, Node.Code, Layout, "demo", version, IsWhole ? null : (_, _) => Scripts, Scripts.Sync, end => End = end, goesOn);
    }

    private IEnumerable<(string Name, string Version)> Applications(string version)
    {
        var file = Layout.RelFile("demo", version);
        Assert.True(ReleaseFile.Read(file, File.ReadAllBytes(file)).Succeeded(out var spec, out var error), error?.ToString());
        return spec.Applications.Select(application => (application.Name, application.Version));
    }

    private ApplicationSpec ImageSpec(string name, string version)
    {
        var file = Layout.AppFile(name, version);
        Assert.True(ApplicationFile.Read(file, File.ReadAllBytes(file)).Succeeded(out var spec, out var error), error?.ToString());
        return spec;
    }

    private void Build(string version, string target, (string Name, string Source)[] applications, string runtime = "10.0.0")
    {
        var layout = new ReleaseLayout(Path.Combine(_folder, $"build-{version}"));
        var images = new Dictionary<string, AssemblyImage>();
        var specs = applications.Select(application => Write(layout, version, application.Name, application.Source, images)).ToImmutableArray();
        var release = new ReleaseSpec(
            "demo", version, runtime, [.. specs.Select(spec => new ReleaseApplication(spec.Name, spec.Version, Types.GetValueOrDefault(spec.Name)))]);
        Directory.CreateDirectory(layout.Release(version));

        if (IsWhole)
        {
            File.WriteAllText(layout.ConfigFile(version), Configurations.GetValueOrDefault(version, "{}"));
            File.WriteAllText(layout.BootFile(version), BootFile.Write(BootGenerator.Generate(
                new(release, [.. specs.Select(spec => new ReleasedApplication(spec, Types.GetValueOrDefault(spec.Name), $"lib/{spec.Name}-{spec.Version}"))]))));
        }

        File.WriteAllText(layout.RelFile("demo", version), ReleaseFile.Write(release));
        // What a start would run. No test starts one from here.
        var midflight = Directory.CreateDirectory(Path.Combine(layout.Root, "lib", "midflight-1.0.0"));
        File.WriteAllBytes(Path.Combine(midflight.FullName, "Midflight.dll"), []);
        var manifest = ReleaseManifest.Of(layout, "demo", version, "1.0.0", "10.0.0", null, Files(layout));
        File.WriteAllBytes(layout.ManifestFile(version), manifest.ToJson());
        Directory.CreateDirectory(target);
        ReleasePackage.Write(layout, manifest, Path.Combine(target, ReleaseLayout.PackageName("demo", version)));
    }

    private static IEnumerable<string> Files(ReleaseLayout layout) => Directory
        .EnumerateFiles(layout.Root, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(layout.Root, file).Replace(Path.DirectorySeparatorChar, '/'));

    // The version of an application is that of the release, or written behind its name: "lib 1.0".
    private ApplicationSpec Write(ReleaseLayout layout, string release, string application, string source, Dictionary<string, AssemblyImage> images)
    {
        var (name, version) = application.Split(' ') is [var first, var second] ? (first, second) : (application, release);
        // What refers to an assembly has its version in it, and is to be the same where only that has changed.
        var image = Uses.Count == 0
            ? Compile.Assembly(name, source, version)
            : Compile.Assembly(name, source, "1.0", [.. Uses.GetValueOrDefault(name, []).Select(used => images[used])]);
        images.Add(name, image);
        var file = AssemblyFile.Read(ImmutableArray.Create(image.Bytes));
        var code = new CodeSet([file]);
        var spec = new ApplicationSpec(name, version)
        {
            Modules = [.. code.Modules(file.Name).Where(module => module.Kind != ModuleKind.Other).Select(module => new ModuleSpec(module.Name, module.Vsn))],
            Mod = code.StartModule(file.Name) is { } start ? new StartModule(start, JsonDocument.Parse("null").RootElement) : null,
        };
        spec = Details.TryGetValue((name, release), out var detail) ? detail(spec) : spec;
        Directory.CreateDirectory(layout.Library(name, version));
        File.WriteAllBytes(Path.Combine(layout.Library(name, version), $"{name}.dll"), image.Bytes);
        File.WriteAllText(layout.AppFile(name, version), ApplicationFile.Write(spec));
        return spec;
    }

    public async ValueTask DisposeAsync()
    {
        Handler?.Dispose();
        await Node.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>Notes the functions that scripts call.</summary>
internal sealed class Scripts : IScriptCalls
{
    public List<string> Called { get; } = [];

    /// <summary>How the node meets others. Default: not at all.</summary>
    public INodeSync? Sync { get; set; }

    /// <summary>A function with this name throws.</summary>
    public string? Broken { get; set; }

    /// <summary>What undoes a function. Default: nothing.</summary>
    public Func<Task>? Undo { get; set; }

    public Task<Func<Task>?> Carry(FunctionCall call)
    {
        if (call.Function == Broken)
        {
            throw new InvalidOperationException($"{Broken} is broken.");
        }

        Called.Add($"{call.Module}.{call.Function}({string.Join(", ", call.Arguments.Select(argument => argument.ToString()))})");
        return Task.FromResult(Undo);
    }

    public Task Meet(string meeting, SyncedNodes nodes)
    {
        Called.Add($"meet {meeting}");
        return Sync?.Meet(meeting, ((SyncedNodes.Named)nodes).Nodes, TimeSpan.FromSeconds(60)) ?? Task.CompletedTask;
    }

    public Task<Func<Task>?> Reconfigure()
    {
        Called.Add("reconfigure");
        return Task.FromResult<Func<Task>?>(null);
    }
}
