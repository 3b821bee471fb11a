using System.Text.Json;
using Midflight.Releases;
using Midflight.Releases.Plans;

namespace Midflight.Host.Tests;

/// <summary>A node on release 1 of <see cref="Demo"/>, its applications started, with a journal of what they saw.</summary>
internal sealed class Scene : IAsyncDisposable
{
    public static readonly InstallSettings Uncommitted = new() { Commit = false };

    public ReleaseFolder Folder { get; } = new() { IsWhole = true };

    public ReleaseHandler Handler => Folder.Handler;

    /// <summary>A scene that runs the first of some releases, 1, 2 and so on, and has packages of the others.</summary>
    public static async Task<Scene> Of(params (string, string)[] releases) => await Of([.. releases.Select(release => new[] { release })], null);

    /// <summary>The same with several applications a release.</summary>
    /// <param name="releases">The applications of each.</param>
    /// <param name="prepare">Called before any is built.</param>
    public static async Task<Scene> Of((string, string)[][] releases, Action<ReleaseFolder>? prepare)
    {
        var scene = new Scene();
        prepare?.Invoke(scene.Folder);
        await scene.Folder.Start("1", releases[0]);

        for (var i = 1; i < releases.Length; i++)
        {
            scene.Folder.Package($"{i + 1}", releases[i]);
        }

        return scene;
    }

    /// <summary>Runs a test as the process which is sent the journal.</summary>
    public Task Run(Func<Task> test) => Folder.Node.Run(async () =>
    {
        Process.Register("journal", Process.Self);
        await test();
    });

    /// <summary>What has been noted since the last look; as each line is sent before what it tells of is over, nothing is to be waited for.</summary>
    public static async Task<string[]> Journal()
    {
        var lines = new List<string>();

        while (await Process.Receive(message => message is string, TimeSpan.Zero) is string line)
        {
            lines.Add(line);
        }

        return [.. lines];
    }

    public Task<UpgradeReport> Install(string version, InstallSettings? settings = null) => Handler.Install(version, settings ?? Uncommitted);

    /// <summary>An install that fails and is rolled back.</summary>
    public async Task<string> Fails(string version, InstallSettings? settings = null) =>
        (await Assert.ThrowsAsync<UpgradeFailedException>(() => Install(version, settings))).Message;

    /// <summary>An install or check that is refused, so that nothing has changed.</summary>
    public static async Task<string> Refused(Func<Task> action) => (await Assert.ThrowsAsync<ReleaseRefusedException>(action)).Message;

    public static ValueTask<string> State(string worker) => GenServer.Call<string>(worker, "state");

    public static ValueTask<int> Version(string worker) => GenServer.Call<int>(worker, "version");

    public string Statuses => string.Join(" ", Handler.Which().Select(release => $"{release.Version}:{release.Status.ToString().ToLowerInvariant()}"));

    /// <summary>The script by which the node goes from what runs to a release, behind the point of no return.</summary>
    public string[] Script(string version)
    {
        var running = ReleaseImage.Read(Folder.Layout, "demo", Handler.Running);
        var (plan, isDown) = UpgradeScripts.Find(Folder.Layout, running, ReleaseImage.Read(Folder.Layout, "demo", version), together: false);
        var script = isDown ? plan.Relup!.Down[0] : plan.Relup!.Up[0];
        return [.. script.Instructions.SkipWhile(step => step is not LowLevel.PointOfNoReturn).Skip(1).Select(Text)];
    }

    private static string Text(LowLevel step) => step switch
    {
        LowLevel.Suspend(var modules) => $"suspend {string.Join(' ', modules.Select(module => module.Module))}",
        LowLevel.Resume(var modules) => $"resume {string.Join(' ', modules)}",
        LowLevel.Load(var module, _, _) => $"load {module}",
        LowLevel.Remove(var module, _, _) => $"remove {module}",
        LowLevel.Purge(var modules) => $"purge {string.Join(' ', modules)}",
        LowLevel.CodeChange(var mode, var modules) => $"code_change {(mode == ChangeMode.Down ? "down" : "up")} {string.Join(' ', modules.Select(module => module.Module))}",
        LowLevel.Apply({ Module: "application", Function: var function, Arguments: var arguments }) => $"application {function} {string.Join(' ', arguments)}",
        LowLevel.Apply(var call) => $"apply {call.Module}.{call.Function}",
        _ => step.ToString(),
    };

    // Instructions, written short.

    public static HighLevel.Update Advanced(string module, string extra = "extra", params string[] dependsOn) =>
        new(module) { Change = new StateChange.Advanced(JsonSerializer.SerializeToElement(extra)), DependsOn = [.. dependsOn] };

    public static LowLevel.Apply Apply(string module, string function, params string[] arguments) =>
        new(new FunctionCall(module, function, [.. arguments.Select(argument => JsonSerializer.SerializeToElement(argument))]));

    public static LowLevel.Suspend Suspend(string module) => new([new(module, SuspendTimeout.Default)]);

    public static LowLevel.CodeChange Change(string module, ChangeMode mode = ChangeMode.Up) =>
        new(mode, [new(module, JsonSerializer.SerializeToElement("x"))]);

    public async ValueTask DisposeAsync() => await Folder.DisposeAsync();
}
