using static Midflight.Process;

namespace Midflight.Tests.Processes;

public sealed class ProcessTaskTests : ProcessTest
{
    private static readonly AsyncLocal<string?> s_local = new();

    [Theory]
    [InlineData("at once")]
    [InlineData("behind a receive")]
    [InlineData("behind something else")]
    public Task A_method_may_await_what_another_one_comes_to(string when) => Run(async () =>
    {
        var self = Self;
        var process = Spawn(async () => Send(self, await Sum(when) + 1));
        Send(process, 41);
        Assert.Equal(42, await Receive());

        static async ProcessTask<int> Sum(string when) => when switch
        {
            "at once" => 41,
            "behind a receive" => (int)await Receive(),
            _ => await Elsewhere(),
        };
    });

    private static async Task<int> Elsewhere()
    {
        await Task.Yield();
        return 41;
    }

    [Theory]
    [InlineData("at once")]
    [InlineData("behind a receive")]
    [InlineData("behind something else")]
    public Task What_a_method_throws_is_thrown_where_it_is_awaited(string when) => Run(async () =>
    {
        Send(Self, "go on");
        Assert.Equal(when, (await Assert.ThrowsAsync<FormatException>(async () => await Fail(when))).Message);
        Assert.Equal(when, (await Assert.ThrowsAsync<FormatException>(async () => await Wrong(when))).Message);

        static async ProcessTask Fail(string when) => await Wrong(when);
    });

    private static async ProcessTask<int> Wrong(string when)
    {
        if (when == "behind a receive")
        {
            await Receive(TimeSpan.Zero);
        }
        else if (when != "at once")
        {
            await Task.Yield();
        }

        throw new FormatException(when);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public Task A_function_that_ends_outside_of_its_process_ends_it(bool well) => Run(async () =>
    {
        var process = Spawn(async () =>
        {
            await Receive();
            await Elsewhere().ConfigureAwait(false);

            if (!well)
            {
                throw new FormatException("outside");
            }
        });
        var end = await EndOf(process, () => Send(process, "go on"));

        Assert.Equal(well, end == ExitReason.Normal);
        Assert.Equal(!well, end.ToString().Contains("outside", StringComparison.Ordinal));
    });

    [Fact]
    public async Task A_crash_that_the_process_reports_is_not_reported_as_unobserved_too()
    {
        const string Failure = "reported once";
        var unobserved = 0;
        EventHandler<UnobservedTaskExceptionEventArgs> count = (_, failed) => unobserved += failed.Exception.ToString().Contains(Failure, StringComparison.Ordinal) ? 1 : 0;
        TaskScheduler.UnobservedTaskException += count;

        try
        {
            await Run(async () => await EndOf(Spawn(async () =>
            {
                await Elsewhere();
                await Elsewhere().ConfigureAwait(false);
                throw new FormatException(Failure);
            })));

            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= count;
        }

        Assert.Equal(0, unobserved);
        Assert.Contains(Logged, line => line.Contains(Failure, StringComparison.Ordinal));
    }

    [Fact]
    public Task It_is_to_be_had_as_a_task_before_and_after_its_end() => Run(async () =>
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var code = Awaiting();
        var before = code.AsTask();
        Assert.False(before.IsCompleted);
        Assert.Same(before, code.AsTask());
        go.SetResult();

        Assert.Equal(7, await before);
        Assert.Equal(7, await code);
        Assert.Equal(7, await code.AsTask());
        Assert.Equal(8, await new ProcessTask<int>(8));
        await ProcessTask.CompletedTask;
        await ProcessTask.FromTask(before);

        async ProcessTask<int> Awaiting()
        {
            await go.Task;
            return 7;
        }
    });

    [Fact]
    public Task Who_asks_for_the_task_while_the_code_ends_hears_of_the_end() => Run(async () =>
    {
        for (var i = 0; i < 20_000; i++)
        {
            var go = new TaskCompletionSource();
            var code = Awaiting(go.Task);
            var ends = Task.Run(go.SetResult);
            Assert.Equal(7, await code);
            await ends;
        }

        static async ProcessTask<int> Awaiting(Task task)
        {
            await task.ConfigureAwait(false);
            return 7;
        }
    });

    [Fact]
    public Task What_flows_with_a_function_is_its_own() => Run(async () =>
    {
        const int Processes = 200;
        var self = Self;
        var processes = new Pid[Processes];

        // Each sets another value behind each receive, and all of them run on the same few threads.
        for (var i = 0; i < Processes; i++)
        {
            var own = $"of {i}";
            processes[i] = Spawn(async () =>
            {
                var seen = new List<string?> { s_local.Value };
                await Receive();
                seen.Add(s_local.Value);
                s_local.Value = own;
                await Receive();
                seen.Add(s_local.Value);
                await Elsewhere();
                seen.Add(s_local.Value);
                await Setting();
                seen.Add(s_local.Value);
                s_local.Value = null;
                await Receive();
                seen.Add(s_local.Value);
                Send(self, (own, string.Join(',', seen)));
            });
        }

        for (var round = 0; round < 3; round++)
        {
            foreach (var process in processes)
            {
                Send(process, round);
            }
        }

        for (var i = 0; i < Processes; i++)
        {
            var (own, seen) = await Receive<(string, string)>();
            Assert.Equal($",,{own},{own},{own},", seen);
        }

        static async ProcessTask Setting()
        {
            s_local.Value = "of a method, and gone with it";
            await Task.Yield();
            s_local.Value = "as well";
        }
    });

    [Fact]
    public Task What_flows_with_a_function_does_not_flow_with_the_next_one() => Run(async () =>
    {
        var process = Spawn(Step, Self);

        for (var i = 0; i < 3; i++)
        {
            Send(process, i);
            Assert.Equal("", await Receive());
        }
    });

    private static async ProcessTask<Next> Step(Pid test)
    {
        var seen = s_local.Value ?? "";
        await Receive();
        Send(test, seen);
        s_local.Value = "of the step before";
        return Next.Local(Step, test);
    }

    [Fact]
    public Task What_flows_with_who_resumes_a_function_is_not_seen_by_it() => Run(async () =>
    {
        var go = new TaskCompletionSource();
        var code = Awaiting();
        s_local.Value = "of who resumes";
        go.SetResult();
        Assert.Null(await code);
        Assert.Equal("of who resumes", s_local.Value);

        async ProcessTask<string?> Awaiting()
        {
            await go.Task.ConfigureAwait(false);
            var seen = s_local.Value;
            s_local.Value = "of the resumed";
            return seen;
        }
    });
}
