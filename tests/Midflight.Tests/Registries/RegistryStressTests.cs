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
        const int More = 300;
        await Registry.StartLink("keys");
        var self = Self;

        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < Rivals; i++)
            {
                Spawn(async () =>
                {
                    var won = Registry.Register("keys", "the one");

                    // The last of many is what goes last.
                    for (var j = 0; won && j < More; j++)
                    {
                        Registry.Register("keys", j);
                    }

                    Send(self, (Self, won));
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
            Assert.Null(Registry.WhereIs("keys", More - 1));
            all.ForEach(rival => Exit(rival.Pid, ExitReason.Kill));
        }
    });

    // RegistryStore.Remove: without the lock a key goes that has just got an entry.
    [Fact]
    public Task Who_comes_when_the_last_one_goes_is_found() => Run(async () =>
    {
        const int Each = 20_000;
        await Registry.StartLink("topics", RegistryKeys.Duplicate);
        var self = Self;

        for (var i = 0; i < 4; i++)
        {
            Spawn(() =>
            {
                var missed = 0;

                for (var j = 0; j < Each; j++)
                {
                    Registry.Register("topics", "one");
                    missed += Registry.Lookup("topics", "one").Any(entry => entry.Pid == Self) ? 0 : 1;
                    Registry.Unregister("topics", "one");
                }

                Send(self, missed);
                return Task.CompletedTask;
            });
        }

        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(0, await Receive());
        }
    });

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
