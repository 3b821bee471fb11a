using Midflight.Tests.Processes;
using static Midflight.Process;

namespace Midflight.Tests.Registries;

/// <summary>Races for keys. Each names the line without which it fails; that was tried.</summary>
[Trait("Category", "Stress")]
public sealed class RegistryStressTests : ProcessTest
{
    // Cell.End: if entries go after the links hear of it, a key is still taken when its process is known to have ended.
    // HotStore.Write: without its lock two processes have the same key.
    [Fact]
    public Task A_key_has_one_process_at_a_time_and_is_free_when_its_end_is_known() => Run(async () =>
    {
        const int Rounds = 300;
        const int Rivals = 8;
        await Registry.StartLink("keys");
        var self = Self;

        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < Rivals; i++)
            {
                Spawn(async () =>
                {
                    Send(self, (Self, Registry.Register("keys", "the one")));
                    await Receive();
                });
            }

            var all = new List<(Pid Pid, bool Won)>();

            for (var i = 0; i < Rivals; i++)
            {
                all.Add(((Pid, bool))await Receive());
            }

            var winner = Assert.Single(all, rival => rival.Won).Pid;
            Assert.Equal(winner, Registry.WhereIs("keys", "the one"));
            Exit(winner, ExitReason.Kill);
            await EndOf(winner);
            Assert.Null(Registry.WhereIs("keys", "the one"));
            all.ForEach(rival => Exit(rival.Pid, ExitReason.Kill));
        }
    });

    // RegistryStore.Remove: an entry that stays when its key has become empty is found by nobody, and one that goes too early is lost.
    [Fact]
    public Task Thousands_come_and_go_under_one_key_and_nothing_stays() => Run(async () =>
    {
        const int Many = 10_000;
        await Registry.StartLink("topics", RegistryKeys.Duplicate);
        var self = Self;

        for (var i = 0; i < Many; i++)
        {
            Spawn(async () =>
            {
                Registry.Register("topics", "all");
                Send(self, "in");
                await Receive();
            });
        }

        for (var i = 0; i < Many; i++)
        {
            await Receive();
        }

        Assert.Equal(Many, Registry.Dispatch("topics", "all", entry => Send(entry.Pid, "end")));
        await Until(() => Registry.Count("topics") == 0);
        Assert.Empty(Registry.Lookup("topics", "all"));
    });
}
