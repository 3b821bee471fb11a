using Midflight.Releases.Plans;

namespace Midflight.Host.Tests;

/// <summary>Upgrades of servers that are at work and wait for one another: no process begins a message in old code, and none is lost.</summary>
public sealed class FlowTests
{
    /// <summary>A store, and users that await it in their callbacks, again and again.</summary>
    /// <param name="version">What they say of themselves.</param>
    /// <param name="changes">Whether they have a CodeChange, so that they are suspended together.</param>
    /// <param name="message">The name of the store's message.</param>
    /// <param name="members">Of a user's state, behind its count.</param>
    internal static (string, string) Shop(int version, bool changes = false, string message = "Added", string members = "") => ("demo", $$"""
        public sealed record Count(long Done{{members}});

        public sealed class Store : GenServer<Count>
        {
            public static ValueTask<long> Add(Pid store) => Call<long>(store, new {{message}}(1));

            private sealed record {{message}}(int Amount);

            protected override Started<Count> Init(object? argument) => new Count(0);

            protected override Answer<Count> HandleCall(object request, Count state) => request switch
            {
                {{message}}(var amount) => Reply(state.Done + amount, state with { Done = state.Done + amount }),
                "done" => Reply(state.Done, state),
                "version" => Reply({{version}}, state),
                _ => base.HandleCall(request, state),
            };

            {{(changes ? "protected override Count CodeChange(OldVsn from, Count state, object? extra) => state;" : "")}}
        }

        public sealed class User : GenServer<(Pid Store, Count Count)>
        {
            protected override Started<(Pid Store, Count Count)> Init(object? argument)
            {
                Process.Send(Process.Self, "go");
                return ((Pid)argument!, new Count(0));
            }

            protected override Answer<(Pid Store, Count Count)> HandleCall(object request, (Pid Store, Count Count) state) => request switch
            {
                "version" => Reply({{version}}, state),
                _ => Reply(state.Count.Done, state),
            };

            protected override async ValueTask<Answer<(Pid Store, Count Count)>> HandleInfoAsync(object message, (Pid Store, Count Count) state)
            {
                for (var i = 0; i < 3; i++)
                {
                    await Store.Add(state.Store);
                }

                Process.Send(Process.Self, "go");
                return NoReply((state.Store, state.Count with { Done = state.Count.Done + 3 }));
            }

            {{(changes ? "protected override (Pid Store, Count Count) CodeChange(OldVsn from, (Pid Store, Count Count) state, object? extra) => state;" : "")}}
        }
        """);

    [Fact]
    public async Task Those_that_would_flow_stand_still_together_where_the_operator_says_so_up_and_down()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Shop(1));
        folder.Package("2", Shop(2));

        await folder.Node.Run(async () =>
        {
            var store = await GenServer.Start(folder.Node.Module("Store"));
            await GenServer.Start(folder.Node.Module("User"), store);
            var together = new InstallSettings { Together = true };
            Assert.Equal([ChangeKind.Flow, ChangeKind.Flow], Kinds(await folder.Handler.Install("2", InstallSettings.Default)));
            Assert.Equal([ChangeKind.Update, ChangeKind.Update], Kinds(await folder.Handler.Install("1", together)));
            Assert.Equal([ChangeKind.Update, ChangeKind.Update], Kinds(await folder.Handler.Install("2", together)));
            Assert.Equal(2, await GenServer.Call<int>(store, "version"));
        });

        static IEnumerable<ChangeKind> Kinds(UpgradeReport report) => report.Changes.Where(change => change.Name is "Store" or "User").Select(change => change.Change);
    }

    [Theory]
    [InlineData(false, "Added", "")]
    [InlineData(false, "Increment", "")]
    [InlineData(true, "Added", "")]
    [InlineData(true, "Increment", ", string Label = \"\"")]
    public async Task Servers_that_await_each_other_under_load_are_upgraded_and_downgraded_in_turn_and_nothing_is_lost(bool changes, string message, string members)
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Shop(1, changes));
        folder.Package("2", Shop(2, changes, message, members));

        await folder.Node.Run(async () =>
        {
            var store = await GenServer.Start(folder.Node.Module("Store"));
            var users = new List<Pid>();

            for (var i = 0; i < 8; i++)
            {
                users.Add(await GenServer.Start(folder.Node.Module("User"), store));
            }

            for (var round = 0; round < 6; round++)
            {
                var version = round % 2 == 0 ? 2 : 1;
                var before = await GenServer.Call<long>(store, "done");
                await folder.Handler.Install($"{version}", InstallSettings.Default);
                Assert.Equal(version, await GenServer.Call<int>(store, "version"));

                foreach (var user in users)
                {
                    Assert.Equal(version, await GenServer.Call<int>(user, "version"));
                }

                // They are at work.
                while (await GenServer.Call<long>(store, "done") < before + 100)
                {
                    await Task.Yield();
                }
            }

            long done = 0;

            foreach (var user in users)
            {
                await Sys.Suspend(user);
                done += ((ValueTuple<Pid, object>)Boxed(await Sys.GetState(user))).Item2 is { } count ? (long)count.GetType().GetProperty("Done")!.GetValue(count)! : 0;
            }

            Assert.Equal(done, await GenServer.Call<long>(store, "done"));
        });
    }

    private static object Boxed(object? state) =>
        ((Pid)state!.GetType().GetField("Item1")!.GetValue(state)!, state.GetType().GetField("Item2")!.GetValue(state)!);

    [Fact]
    public async Task A_callback_under_way_ends_in_the_code_in_which_it_began_and_its_calls_are_answered_across_versions()
    {
        static (string, string) Slow(int version) => ("demo", $$"""
            public sealed record Added(int Amount);

            public sealed class Store : GenServer<long>
            {
                protected override Started<long> Init(object? argument) => 0L;
                protected override Answer<long> HandleCall(object request, long state) => request switch
                {
                    Added(var amount) => Reply(new Added({{version}}), state + amount),
                    _ => Reply({{version}}, state),
                };
            }

            public sealed class User : GenServer<string>
            {
                public static readonly SemaphoreSlim Gate = new(0);
                public static readonly TaskCompletionSource Waits = new(TaskCreationOptions.RunContinuationsAsynchronously);

                protected override Started<string> Init(object? argument) => "";

                protected override Answer<string> HandleCall(object request, string state) => Reply($"{{version}}: {state}", state);

                protected override async ValueTask<Answer<string>> HandleInfoAsync(object message, string state)
                {
                    Waits.SetResult();
                    await Gate.WaitAsync();
                    var reply = await Call<Added>((Pid)message, new Added(1));
                    return NoReply($"asked in {{version}}, answered in {reply.Amount}");
                }
            }
            """);

        await using var folder = new ReleaseFolder();
        await folder.Start("1", Slow(1));
        folder.Package("2", Slow(2));

        await folder.Node.Run(async () =>
        {
            var store = await GenServer.Start(folder.Node.Module("Store"));
            var user = await GenServer.Start(folder.Node.Module("User"));
            var gate = (SemaphoreSlim)folder.Node.Module("User").GetField("Gate")!.GetValue(null)!;
            Process.Send(user, store);
            await ((TaskCompletionSource)folder.Node.Module("User").GetField("Waits")!.GetValue(null)!).Task;
            await folder.Handler.Install("2", new InstallSettings { Commit = false });
            Assert.Equal(2, await GenServer.Call<int>(store, "version"));
            gate.Release();
            Assert.Equal("2: asked in 1, answered in 2", await GenServer.Call<string>(user, "state"));
        });
    }

    // Each holds the token, asks the next for its count in the middle of its callback, and passes the token on. There are fewer tokens than members.
    private static (string, string) Ring(int version) => ("demo", $$"""
        public sealed class Member : GenServer<(Pid Next, int Count)>
        {
            protected override Started<(Pid Next, int Count)> Init(object? argument) => (default, 0);

            protected override Answer<(Pid Next, int Count)> HandleCall(object request, (Pid Next, int Count) state) => request switch
            {
                "version" => Reply({{version}}, state),
                "count" => Reply(state.Count, state),
                Pid next => Reply(0, (next, 0)),
                _ => base.HandleCall(request, state),
            };

            protected override async ValueTask<Answer<(Pid Next, int Count)>> HandleInfoAsync(object message, (Pid Next, int Count) state)
            {
                for (var i = 0; i < 5; i++)
                {
                    await Call<int>(state.Next, "count");
                }

                Process.Send(state.Next, "token");
                return NoReply((state.Next, state.Count + 1));
            }

            protected override (Pid Next, int Count) CodeChange(OldVsn from, (Pid Next, int Count) state, object? extra) => state;
        }
        """);

    [Fact]
    public async Task A_ring_of_servers_that_await_the_next_one_comes_to_rest_and_changes_code_together()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Ring(1));
        folder.Package("2", Ring(2));

        await folder.Node.Run(async () =>
        {
            var members = new List<Pid>();

            for (var i = 0; i < 5; i++)
            {
                members.Add(await GenServer.Start(folder.Node.Module("Member")));
            }

            for (var i = 0; i < members.Count; i++)
            {
                await GenServer.Call<int>(members[i], members[(i + 1) % members.Count]);
            }

            Process.Send(members[0], "token");
            Process.Send(members[2], "token");

            for (var round = 0; round < 8; round++)
            {
                var version = round % 2 == 0 ? 2 : 1;
                await folder.Handler.Install($"{version}", InstallSettings.Default);
                Assert.Equal(version, await GenServer.Call<int>(members[round % 5], "version"));
                var count = await GenServer.Call<int>(members[0], "count");

                while (await GenServer.Call<int>(members[0], "count") < count + 3)
                {
                    await Task.Yield();
                }
            }
        });
    }

    [Fact]
    public async Task One_that_waits_for_a_suspended_server_through_another_of_an_application_that_does_not_change_is_answered()
    {
        static (string, string)[] Release(int version) =>
        [
            ("middle 1", """
                public sealed class Middle : GenServer<Pid>
                {
                    protected override Started<Pid> Init(object? argument) => (Pid)argument!;

                    protected override async ValueTask<Answer<Pid>> HandleCallAsync(object request, Pid state) => Reply(await Call<int>(state, request), state);
                }
                """),
            ($"demo {version}", $$"""
                public sealed class Asker : GenServer<Pid>
                {
                    protected override Started<Pid> Init(object? argument)
                    {
                        Process.Send(Process.Self, "go");
                        return (Pid)argument!;
                    }

                    protected override async ValueTask<Answer<Pid>> HandleInfoAsync(object message, Pid state)
                    {
                        for (var i = 0; i < 20; i++)
                        {
                            await Call<int>(state, "ask");
                        }

                        Process.Send(Process.Self, "go");
                        return NoReply(state);
                    }

                    protected override Answer<Pid> HandleCall(object request, Pid state) => Reply({{version}}, state);

                    protected override Pid CodeChange(OldVsn from, Pid state, object? extra) => state;
                }

                public sealed class Asked : GenServer<int>
                {
                    protected override Started<int> Init(object? argument) => 0;

                    protected override Answer<int> HandleCall(object request, int state) => Reply({{version}}, state + 1);

                    protected override int CodeChange(OldVsn from, int state, object? extra) => state;
                }
                """),
        ];

        await using var folder = new ReleaseFolder();
        await folder.Start("1", Release(1));
        folder.Package("2", Release(2));

        await folder.Node.Run(async () =>
        {
            var asked = await GenServer.Start(folder.Node.Module("Asked"));
            var middle = await GenServer.Start(folder.Node.Module("Middle"), asked);
            var askers = new List<Pid>();

            for (var i = 0; i < 4; i++)
            {
                askers.Add(await GenServer.Start(folder.Node.Module("Asker"), middle));
            }

            for (var round = 0; round < 6; round++)
            {
                var version = round % 2 == 0 ? 2 : 1;
                await folder.Handler.Install($"{version}", InstallSettings.Default);
                Assert.Equal(version, await GenServer.Call<int>(askers[round % 4], "version"));
                Assert.Equal(version, await GenServer.Call<int>(middle, "version"));
            }
        });
    }
}
