using System.Reflection;
using System.Text.Json;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Carries out the functions that scripts call on a node: starts and stops applications, calls static methods.</summary>
/// <param name="node">The node.</param>
/// <param name="code">Its code.</param>
/// <param name="from">The source release.</param>
/// <param name="to">The target release.</param>
/// <param name="sync">How the node meets others.</param>
internal sealed class ScriptCalls(Node node, CodeServer code, InstalledCode from, InstalledCode to, INodeSync sync) : IScriptCalls
{
    // OTP waits forever, while processes are suspended. Operators start an upgrade on several nodes one after the other.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public async Task Meet(string meeting, SyncedNodes nodes) => await sync.Meet(
        meeting,
        nodes switch
        {
            SyncedNodes.Named(var named) => named,
            SyncedNodes.Computed(var call) => await Call(call).ConfigureAwait(false) is IEnumerable<string> names
                ? [.. names]
                : throw new NodeSyncException($"{call.Module}.{call.Function} did not return the names of nodes. Let it return IEnumerable<string>, or a Task of that."),
            _ => throw new InvalidOperationException($"No nodes in {nodes.GetType().Name}."),
        },
        s_patience).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<Func<Task>?> Reconfigure()
    {
        var undo = new Stack<(string Application, Func<Task> Step)>();

        foreach (var running in node.Applications.Running)
        {
            // An application that the script adds or drops is started or stopped with its own configuration.
            if (Find(from, running.Name, running.Mode) is not { } before || Find(to, running.Name, running.Mode) is not { } after)
            {
                continue;
            }

            var change = node.Applications.Replace(after);
            undo.Push((running.Name, () => node.Applications.Tell(running.Name, node.Applications.Replace(before))));

            try
            {
                if (!change.IsEmpty)
                {
                    await node.Applications.Tell(running.Name, change).ConfigureAwait(false);
                }
            }
            catch (Exception refused)
            {
                try
                {
                    await TakeBack(undo).ConfigureAwait(false);
                }
                catch (SwitchFailedException losses)
                {
                    throw new SwitchFailedException($"{refused.Message.TrimEnd('.')}. {losses.Message}", refused);
                }

                throw;
            }
        }

        return () => TakeBack(undo);
    }

    // An application that does not accept its old configuration has it anyway, and does not prevent others from getting theirs.
    private async Task TakeBack(Stack<(string Application, Func<Task> Step)> undo)
    {
        var losses = new List<string>();

        while (undo.TryPop(out var done))
        {
            try
            {
                await done.Step().ConfigureAwait(false);
            }
            catch (ApplicationRefusedException) when (!Runs(done.Application))
            {
                // It has ended since then.
            }
            catch (Exception exception)
            {
                losses.Add($"{done.Application} did not accept its old configuration: {exception.Message.TrimEnd('.')}.");
            }
        }

        if (losses.Count > 0)
        {
            throw new SwitchFailedException(string.Join(' ', losses));
        }
    }

    private bool Runs(string application) => node.Applications.Definition(application) is not null;

    private ApplicationDefinition? Find(InstalledCode release, string application, StartMode mode) =>
        release.Boot.Code.Any(code => code.Application == application)
            ? release.Definition(application, StartType.Permanent, code) with { Mode = mode }
            : null;

    /// <inheritdoc/>
    public async Task<Func<Task>?> Carry(FunctionCall call)
    {
        switch (ApplicationCall.From(call))
        {
            case ApplicationCall.Start(var type) { Application: var name }:
                var added = Find(to, name, Mode(type)) ?? throw new InvalidOperationException($"{name} is not in the target release. Add it to that release.");
                await node.Applications.Start(added).ConfigureAwait(false);
                return () => StopAgain(name);
            case ApplicationCall.Stop { Application: var name }:
                var dropped = Find(from, name, node.Applications.Definition(name)?.Mode ?? StartMode.Permanent);
                await node.Applications.Stop(name).ConfigureAwait(false);

                // Its processes start from scratch. A stop is the last step of a script, so this is rare.
                return dropped is null ? null : () => node.Applications.Start(dropped);
            case ApplicationCall.Load or ApplicationCall.Unload:
                // The specifications belong to the release; nothing has to be done for them.
                return null;
            case null:
                await Call(call).ConfigureAwait(false);
                return null;
            default:
                throw new InvalidOperationException($"No way to carry out {call.Module}.{call.Function}.");
        }
    }

    private async Task StopAgain(string application)
    {
        try
        {
            await node.Applications.Stop(application).ConfigureAwait(false);
        }
        catch (ApplicationRefusedException) when (!Runs(application))
        {
            // It has ended by itself; for example, its work is done.
        }
    }

    /// <returns>The result of the function; null for none.</returns>
    private async Task<object?> Call(FunctionCall call)
    {
        var type = code.FindModule(call.Module) ?? throw new MissingMethodException($"No loaded application has a module {call.Module}.");
        var method = type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .FirstOrDefault(method => method.Name == call.Function && method.GetParameters().Length == call.Arguments.Length)
            ?? throw new MissingMethodException($"{call.Module} has no static method {call.Function} with {call.Arguments.Length} parameters.");

        // The serializer caches types for as long as its options live, and hot types must not be cached.
#pragma warning disable CA1869
        var options = new JsonSerializerOptions();
#pragma warning restore CA1869
        var arguments = method.GetParameters().Zip(call.Arguments, (parameter, argument) => argument.Deserialize(parameter.ParameterType, options)).ToArray();

        // As a process, so that it may call, spawn and send like any other code.
        object? result = null;
        await node.Run(async () => result = await Value(method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null))).ConfigureAwait(false);
        return result;
    }

    private static async ValueTask<object?> Value(object? returned)
    {
        switch (returned)
        {
            case Task task:
                await task;
                return returned is Task<IEnumerable<string>> names ? await names : null;
            case ValueTask task:
                await task;
                return null;
            default:
                return returned;
        }
    }

    private static StartMode Mode(StartType type) => type switch
    {
        StartType.Permanent => StartMode.Permanent,
        StartType.Transient => StartMode.Transient,
        _ => StartMode.Temporary,
    };
}
