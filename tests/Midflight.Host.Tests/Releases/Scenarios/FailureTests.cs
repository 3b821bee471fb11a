using Midflight.Releases;

namespace Midflight.Host.Tests;

/// <summary>Scenarios of OTP in which an upgrade fails. There the node restarts from the permanent release; here it is rolled back.</summary>
public sealed class FailureTests
{
    private const string Broken = """
        public static void Break() => throw new InvalidOperationException("It is broken.");
        """;

    private static async Task Untouched(Scene scene, Pid worker)
    {
        Assert.Equal("2:unpacked 1:permanent", scene.Statuses);
        Assert.Equal("1", Assert.Single(scene.Folder.Node.Node.Applications.Running).Version);
        Assert.Equal(worker, Process.WhereIs("w1"));
        Assert.Equal((1, "1 fresh"), (await Scene.Version("w1"), await Scene.State("w1")));
        Assert.Null(scene.Folder.Node.Code.Find("demo")!.Old);
        Assert.False((await Sys.GetStatus("w1")).IsSuspended);
    }

    // OTP: {error, {code_change_failed, …, {error, refused}}}, and the node restarts with release 1.
    [Fact]
    [Scenario(80, "code_change returns {error, refused}")]
    public async Task A_code_change_that_refuses_is_told_to_the_caller_and_rolled_back()
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2, """throw new InvalidOperationException("refused");"""));

        await scene.Run(async () =>
        {
            var worker = Process.WhereIs("w1")!.Value;
            Assert.Equal(
                $"The code change of process {worker} (W1) failed: refused. Fix it and rebuild the release. Rolled back: 1 is still running.",
                await scene.Fails("2"));
            await Untouched(scene, worker);
        });
    }

    // OTP: code changes stop at the first failure, and the node restarts.
    [Fact]
    [Scenario(82, "The second of three code changes fails")]
    public async Task The_code_changes_stop_at_the_first_that_fails_and_those_before_are_undone()
    {
        static (string, string) Release(int version, string second) => Demo.Tree(
            ["W1", "W2", "W3"], Demo.Worker("W1", version), Demo.Worker("W2", version, second), Demo.Worker("W3", version));
        await using var scene = await Scene.Of(Release(1, "return state;"), Release(2, """throw new InvalidOperationException("refused");"""));
        HighLevel[] appup = [Scene.Advanced("W1", "x", "W2"), Scene.Advanced("W2", "x", "W3"), Scene.Advanced("W3", "x")];
        await scene.Folder.Appup("2", "1", appup, appup);

        await scene.Run(async () =>
        {
            var worker = Process.WhereIs("w1")!.Value;
            Assert.Contains("(W2) failed: refused.", await scene.Fails("2"), StringComparison.Ordinal);
            Assert.Equal(["W1 2 code_change 1 (1 fresh) x", "W2 2 code_change 1 (1 fresh) x"], await Scene.Journal());
            await Untouched(scene, worker);
            Assert.Equal(("1 fresh", "1 fresh"), (await Scene.State("w2"), await Scene.State("w3")));
        });
    }

    // OTP: a timeout is a failure as any other, and the node restarts.
    [Fact]
    [Scenario(83, "code_change takes longer than code_change_timeout")]
    public async Task A_code_change_that_does_not_end_in_time_fails_the_upgrade_and_only_its_process_is_lost()
    {
        static (string, string) Release(int version, string first) => Demo.Tree(["W1", "W2"], Demo.Worker("W1", version, first), Demo.Worker("W2", version));
        await using var scene = await Scene.Of(Release(1, "return state;"), Release(2, """((ManualResetEventSlim)AppContext.GetData("scenario 83")!).Wait(); return state;"""));
        using var gate = new ManualResetEventSlim();
        AppContext.SetData("scenario 83", gate);

        await scene.Run(async () =>
        {
            var (worker, other) = (Process.WhereIs("w1")!.Value, Process.WhereIs("w2"));
            var monitor = Process.Monitor(worker);
            var failing = scene.Fails("2", Scene.Uncommitted with { CodeChangeTimeout = TimeSpan.FromMilliseconds(300) });

            await Process.Receive<string>(line => line.StartsWith("W1 2 code_change", StringComparison.Ordinal));

            while (!failing.IsCompleted)
            {
                scene.Folder.Node.Time.Advance(TimeSpan.FromMilliseconds(300));
                await Task.Yield();
            }

            Assert.StartsWith(
                $"The code change of process {worker} (W1) did not end within 300 ms, so the process is ended. Look at what it waits for. Rolled back: 1 is still running.",
                await failing,
                StringComparison.Ordinal);
            Assert.Equal((other, 1, "1 fresh"), (Process.WhereIs("w2"), await Scene.Version("w2"), await Scene.State("w2")));

            gate.Set();
            Assert.Equal(ExitReason.Killed, (await Process.Receive<Down>(down => down.Ref == monitor)).Reason);
            await Supervisor.WhichChildren("top");
            Assert.Equal((1, "1 fresh"), (await Scene.Version("w1"), await Scene.State("w1")));
            Assert.Equal("2:unpacked 1:permanent", scene.Statuses);
        });
    }

    [Fact]
    public async Task A_code_change_that_loops_for_ever_is_killed_and_its_process_begun_anew()
    {
        static (string, string) Release(int version, string first) => Demo.Tree(["W1"], Demo.Worker("W1", version, first));
        await using var scene = await Scene.Of(Release(1, "return state;"), Release(2, "while (true) { }"));

        await scene.Run(async () =>
        {
            var monitor = Process.Monitor(Process.WhereIs("w1")!.Value);
            var failing = scene.Fails("2", Scene.Uncommitted with { CodeChangeTimeout = TimeSpan.FromMilliseconds(300) });
            await Process.Receive<string>(line => line.StartsWith("W1 2 code_change", StringComparison.Ordinal));

            while (!failing.IsCompleted)
            {
                scene.Folder.Node.Time.Advance(TimeSpan.FromMilliseconds(300));
                await Task.Yield();
            }

            Assert.Contains("did not end within 300 ms", await failing, StringComparison.Ordinal);
            Assert.Equal(ExitReason.Killed, (await Process.Receive<Down>(down => down.Ref == monitor)).Reason);
            await Supervisor.WhichChildren("top");
            Assert.Equal(1, await Scene.Version("w1"));
        });
    }

    // OTP: a failure after the point of no return restarts the node, whatever the function ended with.
    [Fact]
    [Scenario(84, "apply crashes after the point of no return")]
    [Scenario(85, "apply throws after the point of no return")]
    public async Task A_function_of_the_script_that_throws_behind_the_point_of_no_return_rolls_back()
    {
        await using var scene = await Scene.Of(Demo.Lone(1, more: Broken), Demo.Lone(2, more: Broken));
        LowLevel[] script = [new LowLevel.PointOfNoReturn(), Scene.Suspend("W1"), new LowLevel.Load("W1"), new LowLevel.Resume(["W1"]), Scene.Apply("W1", "Break")];
        await scene.Folder.Relup("2", "1", script, script);

        await scene.Run(async () =>
        {
            var worker = Process.WhereIs("w1")!.Value;
            Assert.Equal(
                "The script's call of W1.Break failed: It is broken. Fix it and rebuild the release. Rolled back: 1 is still running.",
                await scene.Fails("2"));
            await Untouched(scene, worker);
        });
    }

    // OTP: the node stays up; but the application has the new version from then on, with the old code.
    [Theory]
    [Scenario(86, "apply crashes, throws or exits before the point of no return")]
    [InlineData("Break", "It is broken.")]
    [InlineData("Missing", "W1 has no static method Missing with 0 parameters.")]
    public async Task A_function_of_the_script_that_throws_before_the_point_of_no_return_changes_nothing(string function, string problem)
    {
        await using var scene = await Scene.Of(Demo.Lone(1, more: Broken), Demo.Lone(2, more: Broken));
        LowLevel[] script = [Scene.Apply("W1", function), new LowLevel.PointOfNoReturn(), new LowLevel.Load("W1")];
        await scene.Folder.Relup("2", "1", script, script);

        await scene.Run(async () =>
        {
            var worker = Process.WhereIs("w1")!.Value;
            Assert.Equal(
                $"The script's call of W1.{function} failed: {problem} Fix it and rebuild the release. Rolled back: 1 is still running.",
                await scene.Fails("2"));
            await Untouched(scene, worker);
        });
    }

    // OTP: found before the point of no return as well; but the application has the new version from then on.
    [Fact]
    [Scenario(87, "The new .beam is missing")]
    public async Task A_release_whose_code_is_missing_is_refused_by_check_and_install()
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2));

        await scene.Run(async () =>
        {
            var worker = Process.WhereIs("w1")!.Value;
            await scene.Handler.Unpack("2");
            File.Delete(Path.Combine(scene.Folder.Layout.Library("demo", "2"), "demo.dll"));
            Assert.Contains("demo-2/demo.dll", await Scene.Refused(() => scene.Handler.Check("2")), StringComparison.Ordinal);
            Assert.Contains("demo-2/demo.dll", await Scene.Refused(() => scene.Install("2")), StringComparison.Ordinal);
            await Untouched(scene, worker);
        });
    }

    // OTP: garbage is found before the point of no return, code of another module behind it, and then the node restarts.
    [Theory]
    [Scenario(88, "The new .beam is not loadable")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_release_whose_code_cannot_be_loaded_is_refused_by_check_and_install(bool isGarbage)
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2));

        await scene.Run(async () =>
        {
            var worker = Process.WhereIs("w1")!.Value;
            await scene.Handler.Unpack("2");
            await File.WriteAllBytesAsync(
                Path.Combine(scene.Folder.Layout.Library("demo", "2"), "demo.dll"),
                isGarbage ? "garbage"u8.ToArray() : Compile.Assembly("another", "public static class Another;").Bytes);
            Assert.Contains("demo-2/demo.dll", await Scene.Refused(() => scene.Handler.Check("2")), StringComparison.Ordinal);
            Assert.Contains("demo-2/demo.dll", await Scene.Refused(() => scene.Install("2")), StringComparison.Ordinal);
            await Untouched(scene, worker);
        });
    }

    // OTP: an unknown instruction behind the point of no return is found before any is carried out; a load whose code was not fetched only
    // when its turn comes, and the node restarts.
    [Theory]
    [Scenario(89, "An instruction release_handler does not know")]
    [InlineData("""[{"frobnicate": "W1"}]""", "frobnicate")]
    [InlineData("""["point_of_no_return", {"frobnicate": "W1"}]""", "frobnicate")]
    [InlineData("""[{"load_object_code": "demo", "version": "9", "modules": ["W1"]}]""", "release 2 has no demo 9")]
    [InlineData("""[{"load_object_code": "nix", "version": "2", "modules": ["W1"]}]""", "release 2 has no nix 2")]
    public async Task A_script_that_cannot_be_carried_out_is_refused_before_its_first_step(string script, string problem)
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2));

        await scene.Run(async () =>
        {
            var worker = Process.WhereIs("w1")!.Value;
            await scene.Handler.Unpack("2");
            await File.WriteAllTextAsync(scene.Folder.Layout.RelupFile("2"), $$"""
                {"version": "2", "up": [{"from": "1", "instructions": {{script}}}], "down": [{"to": "1", "instructions": []}]}
                """);
            Assert.Contains(problem, await Scene.Refused(() => scene.Handler.Check("2")), StringComparison.Ordinal);
            Assert.Contains(problem, await Scene.Refused(() => scene.Install("2")), StringComparison.Ordinal);
            await Untouched(scene, worker);
        });
    }

    // The other half: what OTP takes, Midflight takes.
    [Theory]
    [Scenario(89, "An instruction release_handler does not know")]
    [InlineData("[]")]
    [InlineData("""[{"load": "W1"}]""")]
    public async Task A_script_may_be_empty_have_no_point_of_no_return_and_load_without_fetching(string script)
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2));

        await scene.Run(async () =>
        {
            await scene.Handler.Unpack("2");
            await File.WriteAllTextAsync(scene.Folder.Layout.RelupFile("2"), $$"""
                {"version": "2", "up": [{"from": "1", "instructions": {{script}}}], "down": [{"to": "1", "instructions": []}]}
                """);
            await scene.Install("2");
            Assert.Equal(2, await Scene.Version("w1"));
        });
    }

    // OTP: the call waits until it times out after a second, the code change fails, and the node restarts.
    [Fact]
    [Scenario(91, "code_change that calls another suspended server")]
    public async Task A_code_change_that_calls_a_suspended_server_times_out_and_is_rolled_back()
    {
        const string Calls = """
            var other = Process.WhereIs("w2")!.Value;
            return Task.Run(async () => await GenServer.Call<string>(other, "state", TimeSpan.FromSeconds(1))).GetAwaiter().GetResult();
            """;
        static (string, string) Release(int version, string first) => Demo.Tree(["W1", "W2"], Demo.Worker("W1", version, first), Demo.Worker("W2", version));
        await using var scene = await Scene.Of(Release(1, "return state;"), Release(2, Calls));
        HighLevel[] appup = [Scene.Advanced("W1", "x", "W2"), Scene.Advanced("W2", "x")];
        await scene.Folder.Appup("2", "1", appup, appup);

        await scene.Run(async () =>
        {
            var worker = Process.WhereIs("w1")!.Value;
            var failing = scene.Fails("2", Scene.Uncommitted with { CodeChangeTimeout = Timeout.InfiniteTimeSpan });
            await Process.Receive<string>(line => line.StartsWith("W1 2 code_change", StringComparison.Ordinal));

            while (!failing.IsCompleted)
            {
                scene.Folder.Node.Time.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
            }

            Assert.Contains("(W1) failed: ", await failing, StringComparison.Ordinal);
            await Untouched(scene, worker);
        });
    }

    // OTP: the pids found by suspend are used for code_change; a dead one fails it, and the node restarts.
    [Fact]
    [Scenario(93, "A worker dies between suspend and resume, no code_change")]
    public async Task A_worker_that_dies_while_suspended_is_started_again_and_comes_to_the_new_code()
    {
        const string Killing = """
            public static async Task Kill()
            {
                var worker = Process.WhereIs("w1")!.Value;
                var monitor = Process.Monitor(worker);
                Process.Exit(worker, ExitReason.Kill);
                await Process.Receive<Down>(down => down.Ref == monitor);

                // Its supervisor has started it again when it answers.
                await Supervisor.WhichChildren("top");
            }
            """;
        await using var scene = await Scene.Of(Demo.Lone(1, more: Killing), Demo.Lone(2, more: Killing));
        LowLevel[] script = [Scene.Suspend("W1"), Scene.Apply("W1", "Kill"), new LowLevel.PointOfNoReturn(), new LowLevel.Load("W1"), new LowLevel.Resume(["W1"])];
        await scene.Folder.Relup("2", "1", script, script);

        await scene.Run(async () =>
        {
            var worker = Process.WhereIs("w1");
            await scene.Install("2");
            Assert.Equal(["W1 1 init"], await Scene.Journal());
            Assert.NotEqual(worker, Process.WhereIs("w1"));
            Assert.Equal((2, "1 fresh"), (await Scene.Version("w1"), await Scene.State("w1")));
            Assert.False((await Sys.GetStatus("w1")).IsSuspended);
        });
    }
}
