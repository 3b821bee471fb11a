using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Midflight.Host.Evaluation;

/// <summary>One shell on the node: its process and the submissions that it has run.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle is never asked for holds nothing.
internal sealed class ShellSession(Node node, ShellCode code)
#pragma warning restore CA1001
{
    /// <summary>The session that a process belongs to. It does not keep the process alive.</summary>
    internal static readonly ConditionalWeakTable<Cell, ShellSession> Processes = [];

    private readonly SemaphoreSlim _turn = new(1, 1);
    private ShellProcess? _process;
    private ShellChain? _chain;

    // The variables of a chain that was dropped.
    private ShellVariables? _kept;

    // While a new chain starts: the values that it takes over, and those that it cannot.
    private Dictionary<string, object?> _carried = [];
    private readonly Dictionary<string, string> _lost = [];

    /// <summary>Runs a submission and prints its value.</summary>
    internal async Task<RunReply> Run(RunRequest request)
    {
        await _turn.WaitAsync().ConfigureAwait(false);

        try
        {
            return await RunNow(request).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Releases old code, if this shell has any: it keeps its variables, converted to the new code.</summary>
    /// <remarks>A shell that is running something is left alone: what it runs may hold anything.</remarks>
    internal void LetGo()
    {
        if (!_turn.Wait(0))
        {
            return;
        }

        try
        {
            if (_chain is { } chain && chain.Stamp != ShellCode.Stamp(code.Current()))
            {
                _kept = ShellVariables.Of(chain, code);
                _chain = null;
                chain.Unload();
            }
            else
            {
                _kept = _kept?.In(code);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<RunReply> RunNow(RunRequest request)
    {
        var versions = code.Current();

        if (ShellCode.Stamp(versions) != request.Stamp || (request.Carried is null && _chain?.Stamp != request.Stamp))
        {
            return new(RunOutcome.Stale, null, null, NothingLost);
        }

        var process = Process();
        var chain = request.Carried is null ? _chain! : new ShellChain(request.Stamp, versions);
        RunReply reply;

        try
        {
            _carried = Carry(request.Carried ?? []);
            var run = chain.Load(request.Name, request.Image);
            var printed = await process.Run(async () =>
            {
                var value = await run();
                return request.HasValue ? Printer.Print(value) : null;
            }).ConfigureAwait(false);
            reply = new(RunOutcome.Done, printed, null, _lost.ToImmutableDictionary());
        }
        // What was typed may throw anything. The shell prints it and goes on.
        catch (Exception exception)
        {
            reply = new(RunOutcome.Failed, null, Describe(process, exception), _lost.ToImmutableDictionary());
        }

        if (request.Carried is not null)
        {
            Change(chain, _lost.Count == 0);
            _carried = [];
            _lost.Clear();
        }

        return reply;
    }

    private Dictionary<string, object?> Carry(ImmutableArray<CarriedVariable> variables)
    {
        var values = code.Convert([.. variables.Select(variable => _kept is { } kept ? kept.Read(variable) : _chain?.Read(variable))]);
        return variables.Zip(values).ToDictionary(pair => pair.First.Name, pair => pair.Second);
    }

    /// <summary>A variable of the previous chain, for the first submission of a new one.</summary>
    internal T Carried<T>(string name)
    {
        switch (_carried.GetValueOrDefault(name))
        {
            case T value:
                return value;
            case null when default(T) is null:
                return default!;
            case Unkept(var reason):
                _lost[name] = reason;
                return default!;
            case var other:
                _lost[name] = $"its value is from an older {TypeNames.Of(other?.GetType() ?? typeof(T))}";
                return default!;
        }
    }

    /// <summary>Stops what the shell is running.</summary>
    internal void Break() => _process?.Kill();

    internal void Close()
    {
        _process?.Kill();
        _chain?.Unload();
        _chain = null;
    }

    private static ImmutableDictionary<string, string> NothingLost => ImmutableDictionary<string, string>.Empty;

    private ShellProcess Process() => _process is { IsAlive: true } ? _process : _process = new ShellProcess(node, this);

    private void Change(ShellChain chain, bool carried)
    {
        if (carried)
        {
            _chain?.Unload();
            (_chain, _kept) = (chain, null);
        }
        else
        {
            chain.Unload();
        }
    }

    private static string Describe(ShellProcess process, Exception exception) => exception is ExitException && !process.IsAlive
        ? $"process {process.Pid} ended; the shell continues in a new one"
        : Failure.Describe(exception);
}
