using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>What counts as use of an old version, and what a purge answers.</summary>
public sealed class PurgeTests
{
    private const string Holder = """
        public sealed record Literal(int Version);

        public static class Cv
        {
            public static int Vsn() => VERSION;

            public static Func<int> Closure(int more) => () => VERSION + more;

            public static ProcessTask Waiting(Pid tester) => Deep(() => tester);

            public static async Task Deep(Func<Pid> tester)
            {
                var answer = await Process.Receive<string>();
                Process.Send(tester(), (Vsn(), Code.Call(Vsn)));
            }

            public static Pid SpawnClosure(Pid tester) => Process.Spawn(async () =>
            {
                await Process.Receive();
                Process.Send(tester, Vsn());
            });

            public static async ProcessTask Trapping(Pid tester)
            {
                Process.TrapExits = true;
                Process.Send(tester, "trapping");
                await Process.Receive();
            }
        }
        """;

    private static ApplicationImage Cv(int version) => Compile.Application("cv", Holder.Replace("VERSION", $"{version}", StringComparison.Ordinal), $"0.{version}.0");

    private static Pid Spawn(TestNode node, string function, Pid tester) =>
        Hot.Begun(Process.Spawn(node.Module("Cv").GetMethod(function)!.CreateDelegate<Func<Pid, ProcessTask>>(), tester));

    [Fact]
    public async Task A_purge_says_whether_it_is_gone_and_who_was_in_the_way()
    {
        await using var node = new TestNode();

        await node.Run(async () =>
        {
            Assert.Equal((true, 0), await Purge(PurgeMethod.Brutal)); // never loaded
            await node.Load(Cv(1));
            Assert.Equal((true, 0), await Purge(PurgeMethod.Soft)); // no old code
            await node.Load(Cv(2));
            Assert.Equal((true, 0), await Purge(PurgeMethod.Soft)); // old code that nobody uses
            var user = Spawn(node, "Waiting", Process.Self);
            await node.Load(Cv(3));
            Assert.Equal((false, 1), await Purge(PurgeMethod.Soft));
            Assert.True(user.IsAlive);
            Assert.Equal((true, 1), await Purge(PurgeMethod.Brutal));
            Assert.False(user.IsAlive);
            Assert.Null(node.Code.Find("cv")!.Old);
        });

        async Task<(bool, int)> Purge(PurgeMethod method) =>
            await node.Code.Purge("cv", method) is var result ? (result.Purged, result.Users.Length) : default;
    } // code-purge-results

    [Fact]
    public async Task A_brutal_purge_cannot_be_trapped_and_links_see_the_reason_killed()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));

        await node.Run(async () =>
        {
            Process.TrapExits = true;
            var trapping = Spawn(node, "Trapping", Process.Self);
            Assert.Equal("trapping", await Process.Receive());
            Process.Link(trapping);
            await node.Load(Cv(2));

            await node.Code.Purge("cv", PurgeMethod.Brutal);

            Assert.Equal(new Exited(trapping, ExitReason.Killed), await Process.Receive());
        });
    } // code-trapping-exit

    [Fact]
    public async Task A_delegate_of_an_old_version_held_as_data_is_no_use_and_can_be_called_even_after_the_purge()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));
        var closure = (Func<int>)Hot.Call(node, "Cv", "Closure", 10)!;
        await node.Load(Cv(2));

        Assert.True((await node.Code.Purge("cv", PurgeMethod.Soft)).Purged);

        // OTP raises badfun here. .NET keeps what is referenced: nothing breaks, and the memory stays until the delegate goes.
        Assert.Equal(11, closure());
    } // code-local-fun-in-state, code-fun-in-ets

    [Fact]
    public async Task A_process_that_runs_a_closure_of_the_old_version_counts()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));

        await node.Run(async () =>
        {
            var process = (Pid)Hot.Call(node, "Cv", "SpawnClosure", Process.Self)!;
            await node.Load(Cv(2));

            Assert.False((await node.Code.Purge("cv", PurgeMethod.Soft)).Purged);
            Assert.True((await node.Code.Purge("cv", PurgeMethod.Brutal)).Purged);
            Assert.False(process.IsAlive);
        });
    } // code-running-closure

    [Fact]
    public async Task A_static_method_held_as_data_follows_the_newest_version_when_it_is_called_through_Midflight()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));
        var held = node.Module("Cv").GetMethod("Vsn")!.CreateDelegate<Func<int>>();
        Assert.Equal(1, Midflight.Code.Call(held));

        await node.Load(Cv(2));

        Assert.Equal(2, Midflight.Code.Call(held));
        Assert.True((await node.Code.Purge("cv", PurgeMethod.Soft)).Purged);
        Assert.Equal(2, Midflight.Code.Call(held));
    } // code-external-fun

    [Fact]
    public async Task A_value_of_the_old_version_in_a_mailbox_or_a_state_is_no_use()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));

        await node.Run(async () =>
        {
            var literal = Hot.New(node, "Literal", 1);
            Process.Send(Process.Self, literal);
            await node.Load(Cv(2));

            var purged = await node.Code.Purge("cv", PurgeMethod.Soft);

            Assert.True(purged.Purged);
            Assert.Empty(purged.Users);
            Assert.Same(literal, await Process.Receive());
            Assert.Equal("Literal { Version = 1 }", literal.ToString());
        });
    } // code-fun-in-message, code-literal-in-state

    [Fact]
    public async Task A_process_that_waits_below_a_function_of_the_old_version_counts_and_goes_on_there()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));

        await node.Run(async () =>
        {
            var process = Spawn(node, "Waiting", Process.Self);
            await node.Load(Cv(2));
            Assert.False((await node.Code.Purge("cv", PurgeMethod.Soft)).Purged);

            Process.Send(process, "go");

            Assert.Equal((1, 2), await Process.Receive());
        });
    } // code-return-address

    [Fact]
    public async Task A_process_that_has_ended_does_not_count()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));

        await node.Run(async () =>
        {
            var process = Spawn(node, "Waiting", Process.Self);
            var monitor = Process.Monitor(process);
            Process.Exit(process, ExitReason.Kill);
            Assert.Equal(new Down(monitor, process, ExitReason.Killed), await Process.Receive());
            await node.Load(Cv(2));

            Assert.Empty((await node.Code.Purge("cv", PurgeMethod.Brutal)).Users);
        });
    } // code-check-process-code-async

    [Fact]
    public async Task A_process_started_by_name_runs_the_newest_version_and_by_an_old_closure_the_old_one()
    {
        await using var node = new TestNode();
        await node.Load(Cv(1));

        await node.Run(async () =>
        {
            var byName = node.Module("Cv").GetMethod("Waiting")!.CreateDelegate<Func<Pid, ProcessTask>>();
            var byClosure = node.Module("Cv").GetMethod("SpawnClosure")!.CreateDelegate<Func<Pid, Pid>>();
            await node.Load(Cv(2));

            Process.Send(Process.Spawn(byName, Process.Self), "go");
            Assert.Equal((2, 2), await Process.Receive());
            Process.Send(byClosure(Process.Self), "go");
            Assert.Equal(1, await Process.Receive());
        });
    } // code-spawn-links-to-newest
}
