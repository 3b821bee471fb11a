using Midflight.Tests.Supervision;

namespace Midflight.Tests.Applications;

/// <summary>An application for tests. What it does comes from its environment and a diary, by its name.</summary>
public sealed class Shop : Application
{
    internal static readonly System.Collections.Concurrent.ConcurrentDictionary<string, Diary> Diaries = new();

    private static Diary Diary => Diaries[Get<string>("diary")];

    private static string Name => Get("name", "?");

    protected override async ValueTask<Pid> Start(ApplicationStart start)
    {
        Diary.Add($"{start.Name} starts");

        if (Get("fails", false))
        {
            throw new InvalidOperationException("out of stock");
        }

        return await GenServer.StartLink<Family>(new SupervisorSpec(Strategy.OneForOne, [Child.Of<Clerk>(Name) with { Name = Name }])
        {
            Intensity = new(restarts: 0, within: TimeSpan.FromSeconds(5)),
        });
    }

    protected override ValueTask StartPhase(string phase, System.Text.Json.JsonElement argument)
    {
        Diary.Add($"{Name}, clerk {(Process.WhereIs(Name) is null ? "gone" : "there")}: phase {phase} of {argument}");
        return argument.ToString() == "fails" ? throw new InvalidOperationException($"no {phase} today") : default;
    }

    protected override ValueTask PrepareStop()
    {
        Diary.Add($"{Name} prepares, clerk {(Process.WhereIs(Name) is null ? "gone" : "there")}");
        return default;
    }

    protected override ValueTask Stop()
    {
        Diary.Add($"{Name} stops, clerk {(Process.WhereIs(Name) is null ? "gone" : "there")}");
        return default;
    }

    protected override ValueTask ConfigChange(ConfigChange change)
    {
        Diary.Add($"changed {string.Join(" ", change.Changed.Keys)}, added {string.Join(" ", change.Added.Keys)}, removed {string.Join(" ", change.Removed)}; price {Get("price", 0)}");
        return default;
    }
}

/// <summary>Answers what its application's environment says.</summary>
public sealed class Clerk : GenServer<string>
{
    protected override Started<string> Init(object? argument) => (string)argument!;

    protected override Answer<string> HandleCall(object request, string state) =>
        Reply(request is (string application, string key) ? Application.GetFrom<int>(application, key) : Application.Get<int>((string)request), state);

    protected override Answer<string> HandleCast(object message, string state) => Stop((ExitReason)message, state);
}
