using Microsoft.Extensions.Logging;
using Midflight;

namespace Visits;

/// <summary>Counts. Its logger is a service of the host.</summary>
public sealed class Counter(ILogger<Counter> logger) : GenServer<int>
{
    protected override Started<int> Init(object? argument) => 0;

    protected override Answer<int> HandleCall(object request, int state)
    {
        if (request is not Visit(var who))
        {
            return base.HandleCall(request, state);
        }

        logger.LogInformation("Visit {Number}", state + 1);
        return Reply($"{who} {state + 1}", state + 1);
    }
}
