using Midflight.Releases.Packages;

namespace Midflight.Host.Tests;

/// <summary>The life of a release: unpacked, current, permanent, old.</summary>
public sealed class ReleaseHandlerTests
{
    // A server that counts; its versions differ in what they answer and hold.
    internal static (string, string) Counter(int version, string members = "int Count", string first = "0", string more = "") => ("demo", $$"""
        public sealed record State({{members}}){{(more.Length == 0 ? ";" : "{" + more + "}")}}

        public sealed class Counter : GenServer<State>
        {
            public static async Task<Pid> Begin() => await Start<Counter>();

            protected override Started<State> Init(object? argument) => new State({{first}});

            protected override Answer<State> HandleCall(object request, State state) => request switch
            {
                "version" => Reply({{version}}, state),
                "state" => Reply(state.ToString(), state),
                _ => Reply(state.Count + 1, state with { Count = state.Count + 1 }),
            };
        }
        """);

    internal static async Task<Pid> Begin(ReleaseFolder folder) => await (Task<Pid>)Hot.Call(folder.Node, "Counter", "Begin")!;

    private static string Statuses(ReleaseFolder folder) =>
        string.Join(" ", folder.Handler.Which().Select(release => $"{release.Version}:{release.Status.ToString().ToLowerInvariant()}"));

    private static string OnDisk(ReleaseFolder folder) =>
        string.Join(" ", ReleasesFile.Read(folder.Layout).Select(release => $"{release.Version}:{release.Status.ToString().ToLowerInvariant()}"));

    [Fact]
    [Scenario(54, "The life of a release")]
    public async Task A_release_is_unpacked_then_current_then_permanent_and_the_one_before_is_old()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Counter(1));
        folder.Package("2", Counter(2));

        await folder.Node.Run(async () =>
        {
            Assert.Equal("1:permanent", Statuses(folder));
            await folder.Handler.Unpack("2");
            Assert.Equal("2:unpacked 1:permanent", Statuses(folder));
            await folder.Handler.Check("2");
            Assert.Equal("2:unpacked 1:permanent", Statuses(folder));

            var report = await folder.Handler.Install("2", new InstallSettings { Commit = false });
            Assert.Equal(("1", "2", false), (report.From, report.To, report.Committed));
            Assert.Equal("2:current 1:permanent", Statuses(folder));
            Assert.Equal("2:unpacked 1:permanent", OnDisk(folder));
            Assert.Equal("1", StartFile.Read(folder.Layout)!.Release);

            await folder.Handler.Commit(null);
            Assert.Equal("2:permanent 1:old", Statuses(folder));
            Assert.Equal("2:permanent 1:old", OnDisk(folder));
            Assert.Equal("2", StartFile.Read(folder.Layout)!.Release);
        });
    }

    [Fact]
    [Scenario(59, "Downgrade after make_permanent")]
    public async Task A_server_keeps_its_pid_and_its_state_up_and_down()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Counter(1));
        folder.Package("2", Counter(2, "int Count, string Label = \"none\""));

        await folder.Node.Run(async () =>
        {
            var counter = await Begin(folder);
            await GenServer.Call<int>(counter, "add");
            var report = await folder.Handler.Install("2", InstallSettings.Default);
            Assert.Equal(("hot with conversion", 1, true), (report.Verdict, report.Processes, report.Committed));
            Assert.Equal(2, await GenServer.Call<int>(counter, "version"));
            Assert.Equal("State { Count = 1, Label = none }", await GenServer.Call<string>(counter, "state"));
            Assert.Equal(2, await GenServer.Call<int>(counter, "add"));

            await folder.Handler.Install("1", InstallSettings.Default);
            Assert.Equal(1, await GenServer.Call<int>(counter, "version"));
            Assert.Equal("State { Count = 2 }", await GenServer.Call<string>(counter, "state"));
            Assert.Equal("2:old 1:permanent", Statuses(folder));
        });
    }

    [Fact]
    [Scenario(55, "Restart before make_permanent")]
    public async Task What_was_not_committed_is_gone_after_a_restart()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Counter(1));
        folder.Package("2", Counter(2));
        await folder.Handler.Install("2", new InstallSettings { Commit = false });
        Assert.Equal("2:current 1:permanent", Statuses(folder));

        using var again = new ReleaseHandler(folder.Node.Node, folder.Node.Code, folder.Layout, "demo", "1", (_, _) => folder.Scripts);
        Assert.Equal(["2:Unpacked", "1:Permanent"], again.Which().Select(release => $"{release.Version}:{release.Status}"));
    }

    [Fact]
    [Scenario(58, "Calls that do not fit the status")]
    public async Task Refusals_name_the_release_and_what_to_do()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Counter(1));
        folder.Package("2", Counter(2));

        async Task<string> Refused(Func<Task> action) => (await Assert.ThrowsAsync<ReleaseRefusedException>(action)).Message;

        Assert.Equal("There is no release 9 here, only 1. Unpack it first with `unpack 9`.", await Refused(() => folder.Handler.Install("9", InstallSettings.Default)));
        Assert.Equal("There is no release 9 here, only 1. Unpack it first with `unpack 9`.", await Refused(() => folder.Handler.Commit("9")));
        Assert.Equal("There is no release 9 here, only 1. Unpack it first with `unpack 9`.", await Refused(() => folder.Handler.Remove("9")));
        Assert.Equal("Release 1 is already running. There is nothing to do.", await Refused(() => folder.Handler.Install("1", InstallSettings.Default)));
        Assert.Equal("Release 1 is permanent, so it cannot be removed. Commit another release first.", await Refused(() => folder.Handler.Remove("1")));

        await folder.Handler.Unpack("2");
        Assert.Equal("Release 2 is unpacked, so it cannot be committed. Install it first with `upgrade 2 --no-commit`.", await Refused(() => folder.Handler.Commit("2")));
        Assert.StartsWith("Release 2 is already there.", await Refused(() => folder.Handler.Unpack("2")), StringComparison.Ordinal);

        await folder.Handler.Install("2", new InstallSettings { Commit = false });
        Assert.Equal("Release 2 is current, so it cannot be removed. Go back to another release first with `downgrade VERSION`.", await Refused(() => folder.Handler.Remove("2")));
    }

    [Fact]
    [Scenario(63, "Removing an old release")]
    public async Task Removing_an_old_release_removes_its_files()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Counter(1));
        folder.Package("2", Counter(2));
        await folder.Handler.Install("2", InstallSettings.Default);
        await folder.Handler.Remove("1");
        Assert.Equal("2:permanent", Statuses(folder));
        Assert.False(Directory.Exists(folder.Layout.Library("demo", "1")));
        Assert.False(Directory.Exists(folder.Layout.Release("1")));
        Assert.True(Directory.Exists(folder.Layout.Library("demo", "2")));
    }
}
