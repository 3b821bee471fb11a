using System.Globalization;
using System.Text.Json;

namespace OctochatClient;

/// <summary>Octochat, and a bank whose servers await one another, upgraded and downgraded while a thousand clients are connected. None of them notices.</summary>
internal sealed class Demo(Workshop workshop, Display display, CancellationToken cancellation)
{
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
        await Build("octochat", ("0.1.0", null), ("0.2.0", "0.1.0"), ("0.3.0", "0.2.0"), ("0.3.1", "0.3.0"));
        await Build("bank", ("0.1.0", null), ("0.2.0", "0.1.0"));

        return await With("octochat", async (octochat, crowd) =>
                await Serve(octochat, crowd)
                & await Upgrade(octochat, crowd, "0.1.0", "0.2.0", 2)
                & await Upgrade(octochat, crowd, "0.2.0", "0.3.0", 3)
                & await Chat(crowd)
                & await Refuse(octochat, crowd)
                & await Change(octochat, crowd, "0.3.0 to 0.1.0", 1, "downgrade", "0.1.0"))
            & await With("bank", async (bank, crowd) =>
                await Serve(bank, crowd)
                & await Upgrade(bank, crowd, "0.1.0", "0.2.0", 2)
                & await Change(bank, crowd, "0.2.0 to 0.1.0", 1, "downgrade", "0.1.0")
                & await Total(crowd))
            & Finish();
    }

    private async Task Build(string name, params (string Version, string? From)[] releases)
    {
        foreach (var (version, from) in releases.Where(release => !workshop.Has(name, release.Version)))
        {
            await display.Step($"Build {name} {version}", async () =>
            {
                await workshop.Release($"samples/{name}/{version}", name, version, from, cancellation);
                return "";
            });
        }
    }

    private async Task<bool> With(string name, Func<Installation, Crowd, Task<bool>> play)
    {
        await using var installation = await Installation.Unpack(name, workshop.Package(name, "0.1.0"));
        await display.Step(
            $"Start {name} 0.1.0 in {installation.Root}", async () => (await installation.Do("start")).Expect($"bin/{name} start").Trim());
        cancellation.ThrowIfCancellationRequested();

        Crowd? connected = null;
        await display.Step($"Connect {Talking + Idle:N0} clients", async () =>
        {
            connected = await Crowd.Connect(installation.Port, Talking, Idle);
            return $"{Talking} of them talk all the time";
        });
        await using var crowd = connected!;
        return await play(installation, crowd);
    }

    private async Task<bool> Serve(Installation installation, Crowd crowd)
    {
        crowd.Take();
        await Watch("0.1.0 serves, for comparison", crowd, () => Talk());
        return await Note($"{installation.Name} 0.1.0 serves", "", null, crowd, 1);
    }

    private Task<bool> Upgrade(Installation installation, Crowd crowd, string from, string to, int answers)
    {
        installation.Deliver(workshop.Package(installation.Name, to));
        return Change(installation, crowd, $"{from} to {to}", answers, "upgrade", to);
    }

    private async Task<bool> Change(Installation installation, Crowd crowd, string versions, int answers, string verb, string version)
    {
        var step = $"{installation.Name} {versions}";
        crowd.Take();
        CommandResult? result = null;
        await Watch($"bin/{installation.Name} {verb} {version}", crowd, async () =>
        {
            await Talk();
            result = await installation.Do(verb, version, "--json");
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

    // Money that tellers and sessions moved all the time, in both versions.
    private async Task<bool> Total(Crowd crowd)
    {
        var total = "";
        await display.Step("Ask the bank for its ?total", async () => total = await crowd.Connections[^1].Ask("?total"));
        return total == "total: 100000";
    }

    // 0.3.1 converts the connections that are in a room by a method that throws.
    private async Task<bool> Refuse(Installation octochat, Crowd crowd)
    {
        octochat.Deliver(workshop.Package(octochat.Name, "0.3.1"));
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
        return await Note("octochat 0.3.0 to 0.3.1", refused ? "refused" : "not refused", null, crowd, 3) & refused;
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
