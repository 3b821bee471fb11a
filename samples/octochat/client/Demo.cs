using System.Globalization;
using System.Text.Json;

namespace OctochatClient;

/// <summary>Octochat upgraded and downgraded while a thousand clients are connected, and none of them notices.</summary>
internal sealed class Demo(Workshop workshop, Display display, CancellationToken cancellation)
{
    private const string Name = "octochat";
    private const int Talking = 100;
    private const int Idle = 900;
    private const int InRoom = 10;

    // Talk before and after each step, so that its row holds quiet time as well as the switch.
    private static readonly TimeSpan s_talk = TimeSpan.FromSeconds(1.5);

    private readonly List<Row> _rows = [];

    /// <summary>Plays it all.</summary>
    /// <returns>Whether nothing was dropped or wrong, and each step ended as it should.</returns>
    public async Task<bool> Run()
    {
        (string Version, string? From)[] releases = [("0.1.0", null), ("0.2.0", "0.1.0"), ("0.3.0", "0.2.0"), ("0.3.1", "0.3.0")];

        foreach (var (version, from) in releases)
        {
            if (!workshop.Has(Name, version))
            {
                await display.Step($"Build release {version}", async () =>
                {
                    await workshop.Release($"samples/octochat/{version}", Name, version, from, cancellation);
                    return "";
                });
            }
        }

        await using var octochat = await Installation.Unpack(Name, workshop.Package(Name, "0.1.0"));
        await display.Step(
            $"Start 0.1.0 in {octochat.Root}", async () => (await octochat.Do("start")).Expect("bin/octochat start").Trim());
        cancellation.ThrowIfCancellationRequested();

        Crowd? connected = null;
        await display.Step($"Connect {Talking + Idle:N0} clients", async () =>
        {
            connected = await Crowd.Connect(octochat.Port, Talking, Idle);
            return $"{Talking} of them talk all the time";
        });
        await using var crowd = connected!;

        return await Serve(crowd)
            & await Upgrade(octochat, crowd, "0.1.0", "0.2.0", 2)
            & await Upgrade(octochat, crowd, "0.2.0", "0.3.0", 3)
            & await Chat(crowd)
            & await Refuse(octochat, crowd)
            & await Change(octochat, crowd, "0.3.0 to 0.1.0", 1, "downgrade", "0.1.0")
            & Finish();
    }

    private async Task<bool> Serve(Crowd crowd)
    {
        crowd.Take();
        await Watch("0.1.0 serves, for comparison", crowd, () => Talk());
        return await Note("0.1.0 serves", "", null, crowd, 1);
    }

    private Task<bool> Upgrade(Installation octochat, Crowd crowd, string from, string to, int answers)
    {
        octochat.Deliver(workshop.Package(Name, to));
        return Change(octochat, crowd, $"{from} to {to}", answers, "upgrade", to);
    }

    private async Task<bool> Change(Installation octochat, Crowd crowd, string step, int answers, string verb, string version)
    {
        crowd.Take();
        CommandResult? result = null;
        await Watch($"bin/octochat {verb} {version}", crowd, async () =>
        {
            await Talk();
            result = await octochat.Do(verb, version, "--json");
            await Talk();
        });

        if (result!.ExitCode != 0)
        {
            Display.Complain(result.Errors.Trim());
            return await Note(step, "failed", null, crowd, answers) & false;
        }

        var reply = JsonDocument.Parse(result.Output).RootElement;
        return await Note(
            step,
            reply.GetProperty("verdict").GetString()!,
            TimeSpan.FromMilliseconds(reply.GetProperty("switchMilliseconds").GetDouble()),
            crowd,
            answers);
    }

    // Some clients go into a room; what one of them says, the others hear.
    private async Task<bool> Chat(Crowd crowd)
    {
        var room = crowd.Connections.Skip(Talking).Take(InRoom).ToArray();
        var heard = 0;
        await display.Step($"{InRoom} clients /join lobby, and one of them says hello", async () =>
        {
            foreach (var member in room)
            {
                await member.Ask("/join lobby");
            }

            await room[0].Ask("/say hello");

            // It travels by the process of the rooms, so it may come after the answer to the one who says it.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(10));

            do
            {
                heard += room[1..].Sum(member => member.Heard().Count(line => line == "[lobby] hello"));
            }
            while (heard < InRoom - 1 && !patience.IsCancellationRequested && await look.WaitForNextTickAsync(cancellation));

            return $"{heard} hear it";
        });
        return heard == InRoom - 1;
    }

    // 0.3.1 converts the connections that are in a room by a method that throws.
    private async Task<bool> Refuse(Installation octochat, Crowd crowd)
    {
        octochat.Deliver(workshop.Package(Name, "0.3.1"));
        crowd.Take();
        CommandResult? result = null;
        await Watch("bin/octochat upgrade 0.3.1, which is broken", crowd, async () =>
        {
            await Talk();
            result = await octochat.Do("upgrade", "0.3.1");
            await Talk();
        });

        foreach (var line in result!.Errors.Trim().Split('\n'))
        {
            Display.Say(line);
        }

        var refused = result.ExitCode != 0;
        return await Note("0.3.0 to 0.3.1", refused ? "refused" : "not refused", null, crowd, 3) & refused;
    }

    private Task Talk() => Task.Delay(s_talk, TimeProvider.System, cancellation);

    private Task Watch(string title, Crowd crowd, Func<Task> work)
    {
        var began = TimeProvider.System.GetTimestamp();
        return display.Step(
            title,
            async () =>
            {
                await work();
                return $"{Rate():N0} echoes/s";
            },
            () => $"{Rate():N0} echoes/s");

        double Rate() => crowd.Echoes / TimeProvider.System.GetElapsedTime(began).TotalSeconds;
    }

    // Every connection, idle or not, has to answer with the version that runs now.
    private async Task<bool> Note(string step, string verdict, TimeSpan? switched, Crowd crowd, int answers)
    {
        var versions = await crowd.Versions();
        var right = versions.GetValueOrDefault($"version: {answers.ToString(CultureInfo.InvariantCulture)}");
        var seen = crowd.Take();

        if (right != crowd.Connections.Count)
        {
            Display.Complain($"Of {crowd.Connections.Count} connections, {string.Join(", ", versions.Select(answer => $"{answer.Value} answer '{answer.Key}'"))}; all should answer 'version: {answers}'.");
            seen = seen with { Wrong = seen.Wrong + crowd.Connections.Count - right };
        }

        _rows.Add(new(step, verdict, switched, seen));
        return seen.IsClean;
    }

    private bool Finish()
    {
        display.Print(_rows);
        return true;
    }
}
