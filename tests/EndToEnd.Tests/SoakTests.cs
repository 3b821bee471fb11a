namespace EndToEnd.Tests;

[Trait("Category", "Soak")]
public sealed class SoakTests
{
    // Two switches a round; memory is looked at every five rounds, for the first time after the tenth switch.
    private const int Rounds = 100;
    private const int Look = 5;

    // Collections come and go, so of five looks the least counts.
    private const int Window = 5;

    [Fact]
    public Task Two_hundred_upgrades_and_downgrades_leave_memory_as_it_was() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        // .NET measures hot code of Midflight itself and compiles it anew for some fifty rounds, about 15 MB; then that is over.
        // It would hide what this test looks for.
        octochat.Set("DOTNET_TieredPGO", "0");
        await octochat.Start();
        await using var crowd = await Crowd.Connect(octochat.Port, talking: 10, idle: 90);
        octochat.Deliver(await Releases.Octochat("0.2.0"));
        await octochat.Succeed("unpack", "0.2.0");
        var memory = new List<long>();

        for (var round = 1; round <= Rounds; round++)
        {
            await octochat.Succeed("upgrade", "0.2.0");
            await octochat.Succeed("downgrade", "0.1.0");

            if (round % Look == 0)
            {
                memory.Add(await Memory(octochat));
            }
        }

        await crowd.Answers(1);
        Assert.True(
            memory.TakeLast(Window).Min() < memory.Take(Window).Min() * 1.10,
            $"Resident memory grew: {string.Join(", ", memory.Select(bytes => $"{bytes / 1e6:0}"))} MB.");
        await Steps.Until("every old version is unloaded", () => Count(octochat, "is unloaded.") == 2 * Rounds);
        Assert.Equal(0, (await octochat.Status()).GetProperty("notUnloaded").GetInt32());
    });

    private static int Count(Installation octochat, string words) =>
        File.ReadLines(octochat.LogFile).Count(line => line.Contains(words, StringComparison.Ordinal));

    private static async Task<long> Memory(Installation octochat) => (await octochat.Status()).GetProperty("memoryBytes").GetInt64();
}
