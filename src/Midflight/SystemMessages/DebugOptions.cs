namespace Midflight;

/// <summary>What <see cref="Sys"/> has switched on for one process, the newest first. Owner only. A process without any has none of these.</summary>
internal sealed class DebugOptions
{
    private readonly List<DebugOption> _options = [];

    // Its callback has begun and has not ended yet.
    private Message? _open;

    internal IReadOnlyList<string> Names => [.. _options.Select(option => option.Name)];

    internal bool IsEmpty => _options.Count == 0;

    internal T? Find<T>()
        where T : DebugOption => _options.OfType<T>().FirstOrDefault();

    /// <summary>Adds an option. One of that name which is there already stays as it is, as in OTP.</summary>
    internal void Add(DebugOption option)
    {
        if (!_options.Exists(other => other.Name == option.Name))
        {
            _options.Insert(0, option);
        }
    }

    internal void Remove(string name) => _options.RemoveAll(option => option.Name == name);

    internal void Clear() => _options.Clear();

    /// <summary>Shows an event to all. Never throws.</summary>
    internal void See(Cell cell, DebugEvent happened)
    {
        try
        {
            _options.RemoveAll(option => !option.See(cell, happened));
        }
        // A logger that fails must not end the process that it tells of.
        catch (Exception)
        {
        }
    }

    /// <summary>A message has come and its callback begins.</summary>
    internal void Begin(Cell cell, Message message)
    {
        See(cell, DebugEvent.Of(message));
        _open = message;
    }

    /// <summary>If a callback has begun, it is done.</summary>
    internal void Finish(Cell cell, Body body)
    {
        if (_open is { } message)
        {
            _open = null;
            See(cell, DebugEvent.Outcome(message, body.Shown));
        }
    }

    /// <summary>The same for a process that goes to another code version; null if nothing can come along.</summary>
    /// <remarks>What has been logged and counted is shared by both, so that a rollback forgets nothing.</remarks>
    internal DebugOptions? In(CodeVersion target)
    {
        var options = new DebugOptions();
        options._options.AddRange(_options.Select(option => option.In(target)).OfType<DebugOption>());
        return options.IsEmpty ? null : options;
    }
}
