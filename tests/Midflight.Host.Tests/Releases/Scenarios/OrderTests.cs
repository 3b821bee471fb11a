using Midflight.Releases;

namespace Midflight.Host.Tests;

/// <summary>Scenarios of OTP: in which order an upgrade goes, and what code change is told.</summary>
public sealed class OrderTests
{
    // OTP: each load is followed by a soft purge at once, and the worker resumes at its place. Midflight purges with the commit and resumes at the end.
    [Fact]
    [Scenario(67, "Steps of {update, w1, {advanced, extra}}")]
    public async Task An_advanced_update_loads_then_changes_going_up_and_changes_in_the_newer_code_then_loads_going_down()
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2));
        await scene.Folder.Appup("2", "1", [Scene.Advanced("W1")], [Scene.Advanced("W1", "back")]);

        await scene.Run(async () =>
        {
            Assert.Equal(["suspend W1", "load W1", "code_change up W1", "resume W1"], scene.Script("2"));
            await scene.Install("2");
            Assert.Equal(["W1 2 code_change 1 (1 fresh) extra"], await Scene.Journal());
            Assert.Equal("2 (1 fresh)", await Scene.State("w1"));

            Assert.Equal(["suspend W1", "code_change down W1", "load W1", "resume W1"], scene.Script("1"));
            await scene.Install("1");
            Assert.Equal(["W1 2 code_change Down(1) (2 (1 fresh)) back"], await Scene.Journal());
            Assert.Equal("2 (2 (1 fresh))", await Scene.State("w1"));
            Assert.Equal(1, await Scene.Version("w1"));
        });
    }

    [Fact]
    [Scenario(68, "Steps of a soft update and of load_module")]
    public async Task A_soft_update_suspends_and_changes_no_state_and_a_load_touches_no_process()
    {
        static (string, string) Release(int version) => Demo.Tree(["W1", "W2"], Demo.Worker("W1", version), Demo.Worker("W2", version));
        await using var scene = await Scene.Of(Release(1), Release(2));
        await scene.Folder.Appup("2", "1", [new HighLevel.Update("W1"), new HighLevel.LoadModule("W2")], [new HighLevel.Update("W1"), new HighLevel.LoadModule("W2")]);

        await scene.Run(async () =>
        {
            var second = Process.WhereIs("w2");
            Assert.Equal(["suspend W1", "load W1", "resume W1", "load W2"], scene.Script("2"));
            var report = await scene.Install("2");

            // With the supervisor: it has not changed, but its application has.
            Assert.Equal(3, report.Processes);
            Assert.Empty(await Scene.Journal());
            Assert.Equal((2, 2), (await Scene.Version("w1"), await Scene.Version("w2")));
            Assert.Equal(("1 fresh", "1 fresh"), (await Scene.State("w1"), await Scene.State("w2")));
            Assert.Equal(second, Process.WhereIs("w2"));
        });
    }

    [Fact]
    [Scenario(69, "Three dependent updates")]
    public async Task Dependents_are_suspended_and_changed_first_and_loaded_last_going_up_and_first_going_down()
    {
        static (string, string) Release(int version) =>
            Demo.Tree(["W1", "W2", "W3"], Demo.Worker("W1", version), Demo.Worker("W2", version), Demo.Worker("W3", version));
        await using var scene = await Scene.Of(Release(1), Release(2));
        HighLevel[] appup = [Scene.Advanced("W1", "x", "W2"), Scene.Advanced("W2", "x", "W3"), Scene.Advanced("W3", "x")];
        await scene.Folder.Appup("2", "1", appup, appup);

        await scene.Run(async () =>
        {
            Assert.Equal(["suspend W1 W2 W3", "load W3", "load W2", "load W1", "code_change up W1 W2 W3", "resume W3 W2 W1"], scene.Script("2"));
            await scene.Install("2");
            Assert.Equal(
                ["W1 2 code_change 1 (1 fresh) x", "W2 2 code_change 1 (1 fresh) x", "W3 2 code_change 1 (1 fresh) x"],
                await Scene.Journal());

            Assert.Equal(["suspend W1 W2 W3", "code_change down W1 W2 W3", "load W1", "load W2", "load W3", "resume W3 W2 W1"], scene.Script("1"));
            await scene.Install("1");
            Assert.Equal(["W1 2", "W2 2", "W3 2"], (await Scene.Journal()).Select(line => line[..4]));
        });
    }

    // OTP: the older code is loaded first, and its code_change gets {down, _}. Midflight changes state in the newer code always: the older
    // one cannot know the newer state.
    [Fact]
    [Scenario(70, "A static module going down")]
    public async Task A_static_module_going_down_changes_in_the_newer_code_too()
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2));
        var update = Scene.Advanced("W1", "x") with { Type = ModuleType.Static };
        await scene.Folder.Appup("2", "1", [update], [update]);

        await scene.Run(async () =>
        {
            await scene.Install("2");
            await Scene.Journal();
            Assert.Equal(["suspend W1", "load W1", "code_change down W1", "resume W1"], scene.Script("1"));
            await scene.Install("1");
            Assert.Equal(["W1 2 code_change Down(1) (2 (1 fresh)) x"], await Scene.Journal());
            Assert.Equal("2 (2 (1 fresh))", await Scene.State("w1"));
        });
    }

    // OTP: a default vsn is an MD5 as a number; here it is the beginning of a hash in hexadecimal digits.
    [Theory]
    [Scenario(71, "The version given to code_change")]
    [InlineData("number", "^W1 2 code_change 1 ", "^W1 2 code_change Down\\(1\\) ")]
    [InlineData("", "^W1 2 code_change [0-9a-f]{12} ", "^W1 2 code_change Down\\([0-9a-f]{12}\\) ")]
    public async Task Code_change_is_told_the_vsn_that_is_left_going_up_and_the_one_gone_to_going_down(string vsn, string up, string down)
    {
        await using var scene = await Scene.Of(Demo.Lone(1, vsn: vsn), Demo.Lone(2, vsn: vsn));

        await scene.Run(async () =>
        {
            await scene.Install("2");
            Assert.Matches(up, Assert.Single(await Scene.Journal()));
            await scene.Install("1");
            Assert.Matches(down, Assert.Single(await Scene.Journal()));
        });
    }

    // OTP: the old vsn comes from load_object_code, so here it is undefined, and the old code runs. Midflight knows the vsn of what is
    // loaded, and a release that is gone to is loaded whole.
    [Fact]
    [Scenario(73, "The version in a hand-made script without load_object_code")]
    public async Task A_script_by_hand_that_loads_nothing_changes_code_all_the_same()
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2));
        await scene.Folder.Relup(
            "2",
            "1",
            [new LowLevel.PointOfNoReturn(), Scene.Suspend("W1"), Scene.Change("W1"), new LowLevel.Resume(["W1"])],
            [new LowLevel.PointOfNoReturn(), Scene.Suspend("W1"), Scene.Change("W1", ChangeMode.Down), new LowLevel.Resume(["W1"])]);

        await scene.Run(async () =>
        {
            await scene.Install("2");
            Assert.Equal(["W1 2 code_change 1 (1 fresh) x"], await Scene.Journal());
            Assert.Equal(2, await Scene.Version("w1"));
            await scene.Install("1");
            Assert.Equal(["W1 2 code_change Down(1) (2 (1 fresh)) x"], await Scene.Journal());
            Assert.Equal(1, await Scene.Version("w1"));
        });
    }

    private const string Hooks = """
        public static void Hook(string text) => Journal.Say($"hook {Version} {text}");

        public static string Suspicious() { Journal.Say("suspicious"); return "error"; }
        """;

    [Fact]
    [Scenario(75, "Return values of apply")]
    public async Task What_a_function_of_the_script_returns_does_not_matter()
    {
        await using var scene = await Scene.Of(Demo.Lone(1, more: Hooks), Demo.Lone(2, more: Hooks));
        LowLevel[] script = [Scene.Apply("W1", "Suspicious"), new LowLevel.PointOfNoReturn(), Scene.Apply("W1", "Suspicious")];
        await scene.Folder.Relup("2", "1", script, script);

        await scene.Run(async () =>
        {
            await scene.Install("2");
            Assert.Equal(["suspicious", "suspicious"], await Scene.Journal());
            Assert.Equal("2:current 1:permanent", scene.Statuses);
        });
    }

    [Fact]
    [Scenario(76, "apply sees the new code")]
    public async Task A_function_of_the_script_runs_in_the_version_that_is_current_at_its_place()
    {
        await using var scene = await Scene.Of(Demo.Lone(1, more: Hooks), Demo.Lone(2, more: Hooks));
        LowLevel[] script = [new LowLevel.PointOfNoReturn(), Scene.Apply("W1", "Hook", "before"), new LowLevel.Load("W1"), Scene.Apply("W1", "Hook", "after")];
        await scene.Folder.Relup("2", "1", script, script);

        await scene.Run(async () =>
        {
            await scene.Install("2");
            Assert.Equal(["hook 1 before", "hook 2 after"], await Scene.Journal());
        });
    }

    [Fact]
    public async Task A_function_of_the_script_meets_no_process_that_is_still_to_change_its_code()
    {
        static (string, string) Release(int version) =>
            Demo.Tree(["W1", "W2"], Demo.Worker("W1", version), Demo.Worker("W2", version, more: Hooks));
        await using var scene = await Scene.Of(Release(1), Release(2));
        LowLevel[] up =
        [
            new LowLevel.PointOfNoReturn(), new LowLevel.Load("W2"), Scene.Apply("W2", "Hook", "ahead of the update"),
            Scene.Suspend("W1"), new LowLevel.Load("W1"), Scene.Change("W1"), new LowLevel.Resume(["W1"]),
        ];
        LowLevel[] down =
        [
            new LowLevel.PointOfNoReturn(), new LowLevel.Load("W2"), Scene.Apply("W2", "Hook", "ahead of the update"),
            Scene.Suspend("W1"), Scene.Change("W1", ChangeMode.Down), new LowLevel.Load("W1"), new LowLevel.Resume(["W1"]),
        ];
        await scene.Folder.Relup("2", "1", up, down);

        await scene.Run(async () =>
        {
            await scene.Install("2");
            Assert.Equal(["W1 2 code_change 1 (1 fresh) x", "hook 2 ahead of the update"], await Scene.Journal());
            await scene.Install("1");
            Assert.Equal(["W1 2 code_change Down(1) (2 (1 fresh)) x", "hook 1 ahead of the update"], await Scene.Journal());
            Assert.Equal((1, "2 (2 (1 fresh))"), (await Scene.Version("w1"), await Scene.State("w1")));
        });
    }

    [Fact]
    public async Task A_function_that_is_called_while_processes_are_suspended_finds_them_at_work_and_they_change_code_afterwards()
    {
        const string Asks = """
            public static async Task Ask() => Journal.Say($"{Version} hears {await GenServer.Call<string>("w1", "state")}");
            """;
        await using var scene = await Scene.Of(Demo.Lone(1, more: Asks), Demo.Lone(2, more: Asks));
        await scene.Folder.Relup(
            "2",
            "1",
            [new LowLevel.PointOfNoReturn(), Scene.Suspend("W1"), Scene.Apply("W1", "Ask"), new LowLevel.Load("W1"), Scene.Change("W1"), new LowLevel.Resume(["W1"])],
            [new LowLevel.PointOfNoReturn(), Scene.Suspend("W1"), Scene.Change("W1", ChangeMode.Down), Scene.Apply("W1", "Ask"), new LowLevel.Load("W1"), new LowLevel.Resume(["W1"])]);

        await scene.Run(async () =>
        {
            await scene.Install("2");
            Assert.Equal(["1 hears 1 fresh", "W1 2 code_change 1 (1 fresh) x"], await Scene.Journal());
            await scene.Install("1");

            // What it was changed to ahead of the call did not count: it went on, so it changes again.
            Assert.Equal(["W1 2 code_change Down(1) (2 (1 fresh)) x", "2 hears 2 (1 fresh)", "W1 2 code_change Down(1) (2 (1 fresh)) x"], await Scene.Journal());
            Assert.Equal((1, "2 (2 (1 fresh))"), (await Scene.Version("w1"), await Scene.State("w1")));
        });
    }

    // OTP: check_install_release runs what stands before the point of no return, so it runs twice in all.
    [Fact]
    [Scenario(77, "check_install_release and apply before the point of no return")]
    public async Task A_check_calls_no_function_of_the_script()
    {
        await using var scene = await Scene.Of(Demo.Lone(1, more: Hooks), Demo.Lone(2, more: Hooks));
        LowLevel[] script = [Scene.Apply("W1", "Hook", "early"), new LowLevel.PointOfNoReturn(), Scene.Apply("W1", "Hook", "late"), new LowLevel.Load("W1")];
        await scene.Folder.Relup("2", "1", script, script);

        await scene.Run(async () =>
        {
            await scene.Handler.Check("2");
            Assert.Empty(await Scene.Journal());
            await scene.Install("2");
            Assert.Equal(["hook 1 early", "hook 1 late"], await Scene.Journal());
        });
    }

    // OTP: a module that the relup does not load goes on from the old file. Here the application is loaded whole.
    [Fact]
    [Scenario(78, "Code path, module files and application version")]
    public async Task An_application_changes_as_a_whole_with_its_version()
    {
        static (string, string) Release(int version) => Demo.Tree(["W1"], Demo.Worker("W1", version), Demo.Worker("W9", version));
        await using var scene = await Scene.Of(Release(1), Release(2));
        await scene.Folder.Relup("2", "1", [new LowLevel.PointOfNoReturn(), new LowLevel.Load("W1")], [new LowLevel.PointOfNoReturn(), new LowLevel.Load("W1")]);

        await scene.Run(async () =>
        {
            var ninth = await GenServer.Start(scene.Folder.Node.Module("W9"));
            Assert.Equal(1, await GenServer.Call<int>(ninth, "version"));
            await scene.Install("2");
            Assert.Equal((2, 2), (await Scene.Version("w1"), await GenServer.Call<int>(ninth, "version")));
            Assert.Equal("2", scene.Folder.Node.Code.Find("demo")!.Current!.Version.Release);
            Assert.Equal("2", Assert.Single(scene.Folder.Node.Node.Applications.Running).Version);
        });
    }

    [Fact]
    [Scenario(79, "An application whose version changes with no instructions for it, and update_paths")]
    public async Task An_application_of_which_only_the_version_changes_goes_to_it_without_an_instruction()
    {
        static (string, string)[] Release(int version) => [Demo.Lone(version), ("lib " + version, "public static class Words { public static string Hello() => \"Hello\"; }")];
        await using var scene = await Scene.Of([Release(1), Release(2)], null);

        await scene.Run(async () =>
        {
            await scene.Handler.Unpack("2");
            Assert.DoesNotContain(scene.Script("2"), step => step.Contains("Words", StringComparison.Ordinal));
            await scene.Install("2");
            Assert.Equal("2", scene.Folder.Node.Code.Find("lib")!.Current!.Version.Release);
        });
    }
}
