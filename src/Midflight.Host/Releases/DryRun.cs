using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Goes once through a switch with processes of its own, before those of the node are suspended.</summary>
/// <remarks>
/// The first switch of a node took several times as long as the next ones: .NET compiles and brings into memory what is run for the first time, and all that
/// while the processes stood still. Measured in <c>bench/</c>, row <c>silence</c>.
/// </remarks>
internal static class DryRun
{
    private static readonly Lazy<Task> s_done = new(Attempt);

    /// <summary>Done when what a switch runs has been run; at once from the second time on. Never fails.</summary>
    internal static Task Done => s_done.Value;

    /// <summary>Switches a small application to what it is already.</summary>
    /// <returns>How many processes it has switched.</returns>
    internal static async Task<int> Run()
    {
        await using var node = new Node(NullLogger.Instance, null, null, isHidden: true);
        await node.Applications.Start([ExampleApplication.Definition]).ConfigureAwait(false);
        ImmutableArray<string> modules = [.. new ProcessSwitch(node).Of(_ => true).Select(cell => cell.Body!.ModuleName).Distinct()];
        ImmutableArray<LowLevel> script =
        [
            new LowLevel.PointOfNoReturn(),
            new LowLevel.Suspend([.. modules.Select(module => new SuspendedModule(module, SuspendTimeout.Default))]),
            new LowLevel.Load(modules[0]),
            new LowLevel.CodeChange(ChangeMode.Up, [.. modules.Select(module => new ModuleExtra(module, JsonElement.Parse("[]")))]),
            new LowLevel.Resume(modules),
        ];
        var settings = InstallSettings.Default;
        var change = new Switch(node, new SameCode(), script, settings.SuspendTimeout, settings.CodeChangeTimeout, new Calls(node), isDry: true);

        // A process that does not rest is asked to suspend, and waited for. This one comes to rest, since nobody wants anything of it: then it
        // is entered, and so is at work for those who suspend it.
        var cell = new ProcessSwitch(node).Of(_ => true)[0];

        while (!cell.TryEnter(parked: true))
        {
            await Task.Yield();
        }

        var running = change.Run();
        cell.Leave();
        await running.ConfigureAwait(false);
        return change.Trial.Moved;
    }

    private static async Task Attempt()
    {
        try
        {
            await Run().ConfigureAwait(false);
        }
        // The switch does the same by itself, and says what is wrong.
        catch (Exception)
        {
        }
    }

    // Changes to what is there.
    private sealed class SameCode : CodeFlip
    {
        internal override IReadOnlyCollection<string> Changed { get; } = [ExampleApplication.Definition.Name];

        internal override IReadOnlyCollection<string> Added => [];

        internal override CodeVersion? Target(string application) => null;

        internal override Behaviour? ModuleFor(ServerBody body) => body.Module;

        internal override CodeVersion? Source(string application) => null;

        internal override string ApplicationOf(string module) => ExampleApplication.Definition.Name;

        internal override string VsnOf(string module, bool isDown) => "1";

        internal override IReadOnlyCollection<string> Along(IReadOnlyCollection<string> applications) => applications;

        internal override void Flip(IReadOnlyCollection<string> applications)
        {
        }

        internal override void FlipBack()
        {
        }
    }

    private sealed class Calls(Node node) : IScriptCalls
    {
        public Task<Func<Task>?> Carry(FunctionCall call) => Task.FromResult<Func<Task>?>(null);

        public Task<Func<Task>?> Reconfigure()
        {
            node.Applications.Replace(ExampleApplication.Definition);
            return Task.FromResult<Func<Task>?>(null);
        }

        public Task Meet(string meeting, SyncedNodes nodes) => Task.CompletedTask;
    }
}
