using System.Globalization;
using Microsoft.Extensions.Logging;
using Midflight;

namespace Visits;

/// <summary>Counts, and says what time it is: this version asks the host for a clock as well.</summary>
public sealed class Counter(ILogger<Counter> logger, TimeProvider time) : GenServer<int>
{
    protected override Started<int> Init(object? argument) => 0;

    protected override Answer<int> HandleCall(object request, int state)
    {
        if (request is not Visit(var who))
        {
            return base.HandleCall(request, state);
        }

        logger.LogInformation("Visit {Number}", state + 1);
        return Reply($"{who} {state + 1}, in {time.GetUtcNow().Year.ToString(CultureInfo.InvariantCulture)}", state + 1);
    }
}
