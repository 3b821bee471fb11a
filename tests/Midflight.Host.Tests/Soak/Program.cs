using System.Globalization;
using Midflight.Releases;

namespace Midflight.Host.Tests.Soak;

/// <summary>What this assembly does when it is run as a program: <see cref="ManySwitches"/>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["switches", .. var options])
        {
            Console.Error.WriteLine("Usage: switches [--count 200] [--keys 200] [--clients 50] [--retained] [--no-collections] [--storm] [--ending] [--at-once]. Tests are run by `dotnet test`.");
            return 2;
        }

        // As in a node; test hosts unload at once.
        HeldContext.IsAtOnce = options.Contains("--at-once");
        var (done, rolledBack, stillThere) = await ManySwitches.Run(
            Number("--count", 200), Number("--keys", 200), Number("--clients", 50), options.Contains("--retained") ? KeepMode.Retained : KeepMode.Unloadable,
            !options.Contains("--no-collections"), options.Contains("--storm"), options.Contains("--ending"), Console.Out);
        Console.WriteLine($"{done} switches, {rolledBack} rolled back, {stillThere} versions stayed in memory.");
        return done > 0 && stillThere == 0 ? 0 : 1;

        int Number(string name, int standard) =>
            Array.IndexOf(options, name) is >= 0 and var at ? int.Parse(options[at + 1], CultureInfo.InvariantCulture) : standard;
    }
}
