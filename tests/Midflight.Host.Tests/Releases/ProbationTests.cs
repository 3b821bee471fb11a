using Midflight.Releases;

namespace Midflight.Host.Tests;

/// <summary>An upgrade that is not decided: ended early, given up for a message that is lost, and gone back from exactly.</summary>
public sealed class ProbationTests
{
    private static readonly InstallSettings s_long = new() { Probation = TimeSpan.FromMinutes(10) };

    /// <summary>Installs 2, and does something while it is on probation.</summary>
    private static async Task<UpgradeReport> OnProbation(ReleaseFolder folder, Func<Task> meanwhile, InstallSettings? settings = null)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var install = folder.Handler.Install("2", settings ?? s_long, (phase, _) =>
        {
            if (phase == UpgradePhase.OnProbation)
            {
                begun.TrySetResult();
            }
        });
        await await Task.WhenAny(begun.Task, install);
        await meanwhile();
        return await install;
    }

    [Fact]
    public async Task A_commit_ends_the_probation_and_so_does_the_upgrade()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", ReleaseHandlerTests.Counter(2));

        await folder.Node.Run(async () =>
        {
            var report = await OnProbation(folder, () => folder.Handler.Commit("2"), s_long with { Commit = false });
            Assert.True(report.Committed);
            Assert.True(folder.Handler.IsCommitted);
            Assert.Null(folder.Node.Code.Find("demo")!.Old);
        });
    }

    [Fact]
    public async Task A_downgrade_to_the_release_before_ends_the_probation_and_gives_back_the_very_state()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ReleaseHandlerTests.Counter(1));
        folder.Package("2", ReleaseHandlerTests.Counter(2, "int Count, int Twice = 0"));

        await folder.Node.Run(async () =>
        {
            var resting = await ReleaseHandlerTests.Begin(folder);
            var busy = await ReleaseHandlerTests.Begin(folder);
            await GenServer.Call<int>(busy, "add");
            var before = await Sys.GetState(resting);

            var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => OnProbation(folder, async () =>
            {
                Assert.Equal(2, await GenServer.Call<int>(busy, "version"));
                Assert.Equal(2, await GenServer.Call<int>(busy, "add"));
                await folder.Handler.Install("1", InstallSettings.Default);
            }));

            Assert.Equal("Release 2 did not pass its probation: A downgrade to 1 was asked for. Rolled back: 1 is still running.", failure.Message);
            Assert.Same(before, await Sys.GetState(resting));
            Assert.Equal((1, "State { Count = 2 }"), (await GenServer.Call<int>(busy, "version"), await GenServer.Call<string>(busy, "state")));
            Assert.Equal("1", folder.Handler.Running);
            await folder.Handler.Install("2", InstallSettings.Default);
        });
    }

    private static (string, string) Receiver(int version, string message) => ("demo", $$"""
        public sealed record {{message}}(int Amount);

        public sealed class Counter : GenServer<int>
        {
            public static object Make() => new {{message}}(1);

            protected override Started<int> Init(object? argument) => 0;

            protected override Answer<int> HandleCall(object request, int state) => request switch
            {
                "version" => Reply({{version}}, state),
                "state" => Reply(state, state),
                {{message}}(var amount) => Reply(state + amount, state + amount),
                _ => base.HandleCall(request, state),
            };

            protected override Answer<int> HandleCast(object message, int state) => message is {{message}}(var amount) ? NoReply(state + amount) : NoReply(state);

            protected override Answer<int> HandleInfo(object message, int state) => HandleCast(message, state);
        }
        """);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_that_cannot_be_converted_costs_nobody_and_on_probation_the_upgrade_goes_back(bool isCast)
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Receiver(1, "Added"));
        folder.Package("2", Receiver(2, "Increment"));

        await folder.Node.Run(async () =>
        {
            var counter = await GenServer.Start(folder.Node.Module("Counter"));
            var old = Hot.Call(folder.Node, "Counter", "Make")!;

            var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => OnProbation(folder, () =>
            {
                // Of old code that is still under way somewhere.
                if (isCast)
                {
                    GenServer.Cast(counter, old);
                }
                else
                {
                    Process.Send(counter, old);
                }

                return Task.CompletedTask;
            }));

            Assert.StartsWith(
                $"Release 2 did not pass its probation: A message to process {counter} (Counter) could not be converted and is lost: Added is gone", failure.Message, StringComparison.Ordinal);
            Assert.Equal((1, 0), (await GenServer.Call<int>(counter, "version"), await GenServer.Call<int>(counter, "state")));
            Assert.Equal(1, await GenServer.Call<int>(counter, old));
        });
    }

    [Fact]
    public async Task A_call_that_cannot_be_converted_fails_at_its_caller_and_the_server_goes_on()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Receiver(1, "Added"));
        folder.Package("2", Receiver(2, "Increment"));

        await folder.Node.Run(async () =>
        {
            var counter = await GenServer.Start(folder.Node.Module("Counter"));
            var old = Hot.Call(folder.Node, "Counter", "Make")!;
            await folder.Handler.Install("2", new InstallSettings { Commit = false });

            // In place, and through the mailbox.
            var resting = await Assert.ThrowsAsync<CallFailedException>(async () => await GenServer.Call<int>(counter, old));
            await Sys.Suspend(counter);
            var waiting = GenServer.Call<int>(counter, old).AsTask();
            await Sys.Resume(counter);
            var queued = await Assert.ThrowsAsync<CallFailedException>(() => waiting);
            Assert.Equal([CallFailure.NotConverted, CallFailure.NotConverted], [resting.Failure, queued.Failure]);
            Assert.Contains("Added is gone", resting.Message, StringComparison.Ordinal);
            Assert.Equal(2, await GenServer.Call<int>(counter, "version"));
        });
    }

    [Fact]
    public async Task A_process_that_cannot_be_moved_at_its_next_message_stands_still_and_the_upgrade_goes_back()
    {
        static (string, string) Odd(int version, string more = ";") => ("demo", $$"""
            public sealed record State(int Count, SemaphoreSlim? Gate = null){{more}}

            public sealed class Counter : GenServer<State>
            {
                protected override Started<State> Init(object? argument) => new State(0);

                protected override Answer<State> HandleCall(object request, State state) => Reply(request is "version" ? {{version}} : state.Count, state);

                // What it comes to is known only when it ends.
                protected override async ValueTask<Answer<State>> HandleInfoAsync(object message, State state)
                {
                    await ((SemaphoreSlim)message).WaitAsync();
                    return NoReply(state with { Count = 13 });
                }
            }
            """);

        await using var folder = new ReleaseFolder();
        await folder.Start("1", Odd(1));
        folder.Package("2", Odd(2, """
            {
                [Shape("1")] public sealed record V1(int Count, SemaphoreSlim? Gate = null);
                [Convert] static State From(V1 old) => old.Count == 13 ? throw new InvalidOperationException("13 is refused.") : new(old.Count);
                [Convert] static V1 Back(State now) => new(now.Count);
            }
            """));

        await folder.Node.Run(async () =>
        {
            var counter = await GenServer.Start(folder.Node.Module("Counter"));
            using var gate = new SemaphoreSlim(0);
            Process.Send(counter, gate);
            SpinWait.SpinUntil(() => counter.Cell!.Busy);
            Task<int> asked = null!;

            var failure = await Assert.ThrowsAsync<UpgradeFailedException>(() => OnProbation(folder, () =>
            {
                gate.Release();
                asked = GenServer.Call<int>(counter, "version", Timeout.InfiniteTimeSpan).AsTask();
                return Task.CompletedTask;
            }));

            Assert.Contains($"The conversion of process {counter} (Counter) failed: ", failure.Message, StringComparison.Ordinal);
            Assert.Contains("13 is refused", failure.Message, StringComparison.Ordinal);
            Assert.Equal(1, await asked);
            Assert.Equal(13, await GenServer.Call<int>(counter, "state"));
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_whose_calls_become_asynchronous_or_synchronous_is_called_right_from_its_first_message_on(bool becomesAsync)
    {
        static (string, string) Shop(bool isAsync) => ("demo", $$"""
            public sealed class Shop : GenServer<int>
            {
                protected override Started<int> Init(object? argument) => 7;

                {{(isAsync
                    ? "protected override async ValueTask<Answer<int>> HandleCallAsync(object request, int state) { await Task.Yield(); return Reply($\"async {state}\", state); }"
                    : "protected override Answer<int> HandleCall(object request, int state) => Reply($\"sync {state}\", state);")}}
            }
            """);

        await using var folder = new ReleaseFolder();
        await folder.Start("1", Shop(!becomesAsync));
        folder.Package("2", Shop(becomesAsync));

        await folder.Node.Run(async () =>
        {
            var upgraded = await GenServer.Start(folder.Node.Module("Shop"));
            Assert.Equal($"{(becomesAsync ? "sync" : "async")} 7", await GenServer.Call<string>(upgraded, "ask"));
            await folder.Handler.Install("2", InstallSettings.Default);
            Assert.Equal($"{(becomesAsync ? "async" : "sync")} 7", await GenServer.Call<string>(upgraded, "ask"));

            // As in a shell: nothing moves it but its next message.
            (await folder.Node.Code.Load([Compile.Application("demo", Shop(!becomesAsync).Item2, "3")], PurgeMethod.Soft)).OrThrow();
            Assert.Equal($"{(becomesAsync ? "sync" : "async")} 7", await GenServer.Call<string>(upgraded, "ask"));
        });
    }
}
