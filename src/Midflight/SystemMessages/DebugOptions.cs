namespace Midflight;

/// <summary>What <see cref="Sys"/> has switched on for one process, the newest first. Owner only. A process without any has no such object.</summary>
internal sealed class DebugOptions
{
    private readonly List<DebugOption> _options = [];

    // Its callback has started and not ended yet.
    private Message? _open;

    internal IReadOnlyList<string> Names => [.. _options.Select(option => option.Name)];

    internal bool IsEmpty => _options.Count == 0;

    internal T? Find<T>()
        where T : DebugOption => _options.OfType<T>().FirstOrDefault();

    /// <summary>Adds an option. If there is already one with that name, that one stays, as in OTP.</summary>
    internal void Add(DebugOption option)
    {
        if (!_options.Exists(other => other.Name == option.Name))
        {
            _options.Insert(0, option);
        }
    }

    internal void Remove(string name) => _options.RemoveAll(option => option.Name == name);

    internal void Clear() => _options.Clear();

    /// <summary>Shows an event to all options. Never throws.</summary>
    internal void See(Cell cell, DebugEvent happened)
    {
        try
        {
            _options.RemoveAll(option => !option.See(cell, happened));
        }
        // A failing logger must not end the process that it reports on.
        catch (Exception)
        {
        }
    }

    /// <summary>A message has arrived and its callback starts.</summary>
    internal void Begin(Cell cell, Message message)
    {
        See(cell, DebugEvent.Of(message));
        _open = message;
    }

    /// <summary>The callback, if one has started, is done.</summary>
    internal void Finish(Cell cell, Body body)
    {
        if (_open is { } message)
        {
            _open = null;
            See(cell, DebugEvent.Outcome(message, body.Shown));
        }
    }

    /// <summary>The same for a process that moves to another code version; null if nothing can move along.</summary>
    /// <remarks>Both share the logged and counted data, so that a rollback forgets nothing.</remarks>
    internal DebugOptions? In(CodeVersion target)
    {
        var options = new DebugOptions();
        options._options.AddRange(_options.Select(option => option.In(target)).OfType<DebugOption>());
        return options.IsEmpty ? null : options;
    }
}
