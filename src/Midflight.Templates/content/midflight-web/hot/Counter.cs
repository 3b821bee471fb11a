using Microsoft.Extensions.Logging;

namespace MidflightWeb;

/// <summary>What was seen so far. A member that you add with a default comes to the running process with the next release.</summary>
public sealed record Seen(int Visits);

/// <summary>Counts visits. The program's services come by the constructor.</summary>
public sealed class Counter(ILogger<Counter> logger) : GenServer<Seen>
{
    protected override Started<Seen> Init(object? argument) => new Seen(0);

    protected override Answer<Seen> HandleCall(object request, Seen seen)
    {
        if (request is not Visit(var who))
        {
            return base.HandleCall(request, seen);
        }

        var now = seen with { Visits = seen.Visits + 1 };
        logger.LogInformation("{Who} is visitor {Number}", who, now.Visits);
        // Change this text, and the next request is answered by the new code.
        return Reply($"{who} is visitor {now.Visits}", now);
    }
}
