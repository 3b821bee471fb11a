using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Runs through a switch once with processes of its own, before those of the node are suspended.</summary>
/// <remarks>
/// A node's first switch took several times as long as the next ones: .NET compiles and loads everything that runs for the first time, and
/// the processes were suspended all that time. Measured in <c>bench/</c>, row <c>silence</c>.
/// </remarks>
internal static class DryRun
{
    private static readonly Lazy<Task> s_done = new(Attempt);

    /// <summary>Completes when the code of a switch has been run; at once from the second time on. Never fails.</summary>
    internal static Task Done => s_done.Value;

    /// <summary>Switches a small application to the version that it already has.</summary>
    /// <returns>The number of switched processes.</returns>
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

        // A process that is not idle is asked to suspend, and waited for. This one becomes idle, because nobody needs it. Then
        // it is entered, so for code that suspends it, it is working.
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
        // The switch itself does the same, and reports what is wrong.
        catch (Exception)
        {
        }
    }

    // Changes to what is already there.
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
