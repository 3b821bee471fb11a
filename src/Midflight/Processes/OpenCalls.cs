namespace Midflight;

/// <summary>The calls of one process that wait for their reply. Owner only.</summary>
/// <remarks>A list linked through the calls themselves: a call costs no entry.</remarks>
internal struct OpenCalls
{
    private PendingCall? _first;

    internal void Add(PendingCall call)
    {
        if (_first is { } first)
        {
            first.PreviousOfCaller = call;
        }

        call.NextOfCaller = _first;
        _first = call;
    }

    /// <summary>Removes a call; does nothing if it is not there, because it timed out before its reply came.</summary>
    internal void Remove(PendingCall call)
    {
        if (call.PreviousOfCaller is { } previous)
        {
            previous.NextOfCaller = call.NextOfCaller;
        }
        else if (_first == call)
        {
            _first = call.NextOfCaller;
        }
        else
        {
            return;
        }

        if (call.NextOfCaller is { } next)
        {
            next.PreviousOfCaller = call.PreviousOfCaller;
        }

        (call.PreviousOfCaller, call.NextOfCaller) = (null, null);
    }

    /// <summary>The servers that have not replied yet.</summary>
    internal readonly List<Cell> Servers()
    {
        var servers = new List<Cell>();

        for (var call = _first; call is not null; call = call.NextOfCaller)
        {
            if (!call.IsReply && call.Server is { } server)
            {
                servers.Add(server);
            }
        }

        return servers;
    }

    /// <summary>Times out the calls whose deadline has passed.</summary>
    /// <param name="now">By the node's clock.</param>
    /// <returns>The earliest deadline of the others; <see cref="long.MaxValue"/> for none.</returns>
    internal long TimeOut(long now)
    {
        var earliest = long.MaxValue;

        for (PendingCall? call = _first, next; call is not null; call = next)
        {
            next = call.NextOfCaller;

            if (call.Deadline <= now)
            {
                Remove(call);
                call.TimeOut();
            }
            else
            {
                earliest = Math.Min(earliest, call.Deadline);
            }
        }

        return earliest;
    }
}
