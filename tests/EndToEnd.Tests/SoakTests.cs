using Midflight.Host.Control;
using Midflight.Host.Control.Requests;
using Midflight.Releases.Packages;

namespace EndToEnd.Tests;

[Trait("Category", "Soak")]
public sealed class SoakTests
{
    // Two switches a round. Memory is looked at every five rounds, for the first time after the tenth switch.
    private const int Rounds = 100;
    private const int Look = 5;

    [Fact]
    public Task Two_hundred_upgrades_and_downgrades_leave_memory_as_it_was() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        // Else the collector lets garbage of the talking fill up to the size of the processor's cache before it looks, and ten
        // megabytes come and go.
        octochat.Set("DOTNET_GCgen0size", "0x400000");
        await octochat.Start();
        await using var crowd = await Crowd.Connect(octochat.Port, talking: 10, idle: 90);
        octochat.Deliver(await Releases.Octochat("0.2.0"));
        await octochat.Succeed("unpack", "0.2.0");
        await using var node = await ControlClient.Connect(new ReleaseLayout(octochat.Root));
        var memory = new List<long>();

        for (var round = 1; round <= Rounds; round++)
        {
            await node.Call<InstallRequest, InstallReply>(new("0.2.0"));
            await Unloaded(node);
            await node.Call<DowngradeRequest, InstallReply>(new("0.1.0"));
            var status = await Unloaded(node);

            if (round % Look == 0)
            {
                memory.Add(status.MemoryBytes);
            }
        }

        await crowd.Answers(1);
        await Steps.Until("each of them is logged", () => Count(octochat, "is unloaded.") == 2 * Rounds);
        Assert.Equal(0, Count(octochat, "still in memory"));
        Assert.True(
            memory.TakeLast(5).Min() < memory[0] * 1.10,
            $"Resident memory grew: {string.Join(", ", memory.Select(bytes => $"{bytes / 1e6:0}"))} MB.");
    });

    private static int Count(Installation octochat, string words) =>
        File.ReadLines(octochat.LogFile).Count(line => line.Contains(words, StringComparison.Ordinal));

    private static async Task<StatusReply> Unloaded(ControlClient node)
    {
        StatusReply? status = null;
        await Steps.Until(
            "every old version is unloaded",
            async () => (status = await node.Call<StatusRequest, StatusReply>(new())).NotUnloaded == 0);
        return status!;
    }
}
