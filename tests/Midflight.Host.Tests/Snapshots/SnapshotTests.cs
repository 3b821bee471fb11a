using System.Collections.Immutable;
using Midflight.Host.Control;
using Midflight.Host.Control.Requests;

namespace Midflight.Host.Tests.Snapshots;

/// <summary>The states of a node in a file, and what a release would do with them.</summary>
public sealed class SnapshotTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"midflight-{Guid.NewGuid():N}.snapshot");

    public void Dispose() => File.Delete(_file);

    // A pair of numbers that are always equal, and something more.
    private static (string Name, string Source) Pairs(string members = "", string module = "", string types = "") => ("demo", $$"""
        using Midflight;
        {{types}}
        public record State(long A, long B) { {{members}} }
        public sealed class Pairs : GenServer<State>
        {
            protected override Started<State> Init(object? argument) => new State(0, 0);
            protected override Answer<State> HandleCast(object message, State state) => NoReply(new(state.A + 1, state.B + 1));
            protected override Answer<State> HandleCall(object request, State state) => Reply(state.A, state);
            {{module}}
        }
        public static class Start
        {
            public static async Task<Pid> Begin(string? name) => name is null ? await GenServer.Start<Pairs>() : await GenServer.Start<Pairs>(null, name);
        }
        """);

    private static Task<Pid> Begin(ReleaseFolder folder, string? name = null) => (Task<Pid>)Hot.Call(folder.Node, "Start", "Begin", name)!;

    private Task<SnapshotReply> Take(ReleaseFolder folder, ImmutableArray<string> modules = default, ImmutableArray<string> masks = default) =>
        new Snapshot(folder.Node.Node, folder.Node.Code, "demo", "1").Take(new(_file, modules, masks), TimeSpan.FromSeconds(30));

    private async Task<RehearsalReport> Rehearse(ReleaseFolder folder, params (string Name, string Source)[] applications)
    {
        folder.Unpack("2", applications);
        return await SnapshotRehearsal.Run(_file, folder.Layout, "2");
    }

    [Fact]
    public async Task Each_process_is_as_it_was_between_two_messages_while_all_of_them_go_on()
    {
        await using var folder = new ReleaseFolder { IsWhole = true };
        await folder.Start("1", Pairs());
        using var done = new CancellationTokenSource();

        await folder.Node.Run(async () =>
        {
            Pid[] pairs = [.. await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Begin(folder)))];
            var busy = Task.Run(() =>
            {
                while (!done.IsCancellationRequested)
                {
                    Array.ForEach(pairs, pair => GenServer.Cast(pair, "more"));
                    Thread.Yield();
                }
            });

            var reply = await Take(folder);
            await done.CancelAsync();
            await busy;
            Assert.Equal((50, _file), (reply.Processes, reply.File));
            Assert.Empty(reply.LeftOut);
        });

        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(_file) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        var file = WireFile.Read(await File.ReadAllBytesAsync(_file));
        var version = folder.Node.Code.Find("demo")!.Current!.Version;
        using var binding = new WireBinding(file, version);
        var states = 0;

        foreach (var value in file.Values)
        {
            var from = new WireInput(value);

            if (SnapshotFrame.Read(from) is SnapshotFrame.OfProcess)
            {
                dynamic state = binding.Read(from, version.FindType("State")!, WireReferences.None)!;
                var text = (string)state.ToString();
                Assert.Matches(@"^State \{ A = (\d+), B = \1 \}$", text);
                states++;
            }
        }

        Assert.Equal(50, states);
    }

    [Fact]
    public async Task A_rehearsal_says_what_converts_what_its_code_change_does_and_in_what_time()
    {
        await using var folder = new ReleaseFolder { IsWhole = true };
        await folder.Start("1", Pairs());
        await folder.Node.Run(async () =>
        {
            await Begin(folder, "one");
            await Begin(folder);
            await Take(folder);
        });

        var same = await SnapshotRehearsal.Run(_file, folder.Layout, "1");
        Assert.Equal(("unchanged", 2), (same.Modules.Single().Becomes, same.Modules.Single().Processes));

        var report = await Rehearse(folder, Pairs("public int More = 7;"));
        Assert.Equal(("demo 1", "demo 2", 2), (report.From, report.To, report.Processes));
        Assert.Equal("converted", report.Modules.Single().Becomes);
        Assert.Empty(report.Problems.Concat(report.Losses).Concat(report.LeftOut));
    }

    [Theory]
    [InlineData("protected override State CodeChange(OldVsn from, State state, object? extra) => state with { A = -1 };", "code change", "")]
    [InlineData("protected override State CodeChange(OldVsn from, State state, object? extra) => throw new InvalidOperationException($\"from {from}\");", "refused", "InvalidOperationException: from ")]
    public async Task A_code_change_is_made_on_each_state(string module, string becomes, string why)
    {
        await using var folder = new ReleaseFolder { IsWhole = true };
        await folder.Start("1", Pairs());
        await folder.Node.Run(async () =>
        {
            await Begin(folder);
            await Take(folder);
        });

        var report = await Rehearse(folder, Pairs("", module));

        Assert.Equal(becomes, report.Modules.Single().Becomes);
        Assert.Contains(why, string.Join(' ', report.Problems), StringComparison.Ordinal);
        Assert.Equal(why.Length > 0, report.Problems.Length > 0);
    }

    [Fact]
    public async Task A_loss_and_a_state_that_does_not_convert_are_told_with_the_line_to_write()
    {
        await using var folder = new ReleaseFolder { IsWhole = true };
        await folder.Start("1", Pairs("public string Note = \"call back\"; public E Kind = E.B;", types: "public enum E { A, B }"));
        await folder.Node.Run(async () =>
        {
            await Begin(folder);
            await Begin(folder);
            await Take(folder);
        });

        var lost = await Rehearse(folder, Pairs("public E Kind = E.B;", types: "public enum E { A, B }"));
        Assert.Empty(lost.Problems);
        Assert.Contains("State.Note is gone, and 2 values hold something in it, such as \"call back\".", Assert.Single(lost.Losses), StringComparison.Ordinal);

        folder.Unpack("3", Pairs("public string Note = \"\"; public E Kind = E.A;", types: "public enum E { A }"));
        var refused = await SnapshotRehearsal.Run(_file, folder.Layout, "3");
        Assert.StartsWith("Pairs, 2 times: State.Kind: ", Assert.Single(refused.Problems), StringComparison.Ordinal);
        Assert.Equal("refused", refused.Modules.Single().Becomes);
    }

    [Fact]
    public async Task What_has_no_wire_form_is_left_out_and_said_and_the_rest_is_there()
    {
        await using var folder = new ReleaseFolder { IsWhole = true };
        await folder.Start("1", Pairs("public Func<int>? F = Now; static int Now() => 1;"));
        await folder.Node.Run(async () =>
        {
            await Begin(folder);
            var reply = await Take(folder);
            Assert.Equal(0, reply.Processes);
            Assert.Contains("State.F: Func<int> is a function, and cannot be written.", Assert.Single(reply.LeftOut), StringComparison.Ordinal);
        });

        Assert.Contains("is a function", Assert.Single((await SnapshotRehearsal.Run(_file, folder.Layout, "1")).LeftOut), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_do_not_leave_the_node()
    {
        await using var folder = new ReleaseFolder { IsWhole = true };
        await folder.Start("1", Pairs("[Secret] public string Password = \"pa55word\"; public string Token = \"t0ken\"; public string Name = \"ann\";"));
        await folder.Node.Run(async () =>
        {
            await Begin(folder);
            await Take(folder, masks: ["tok*"]);
        });

        var text = System.Text.Encoding.UTF8.GetString(await File.ReadAllBytesAsync(_file));
        Assert.DoesNotContain("pa55word", text, StringComparison.Ordinal);
        Assert.DoesNotContain("t0ken", text, StringComparison.Ordinal);
        Assert.Contains("ann", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_process_whose_state_another_thread_changes_is_written_or_left_out_and_goes_on()
    {
        await using var folder = new ReleaseFolder { IsWhole = true };
        await folder.Start("1", Pairs("public System.Collections.Generic.Dictionary<int, string> Map = Torn.Map;", types:
            "public static class Torn { public static readonly System.Collections.Generic.Dictionary<int, string> Map = []; public static object Get() => Map; }"));
        using var done = new CancellationTokenSource();

        await folder.Node.Run(async () =>
        {
            var pair = await Begin(folder);
            var map = (Dictionary<int, string>)Hot.Call(folder.Node, "Torn", "Get")!;
            var torn = Task.Run(() =>
            {
                for (var i = 0; !done.IsCancellationRequested; i++)
                {
                    map[i % 10_000] = "x";

                    if (i % 10_000 == 0)
                    {
                        map.Clear();
                    }
                }
            });

            for (var times = 0; times < 20; times++)
            {
                File.Delete(_file);
                var reply = await Take(folder);
                Assert.Equal(1, reply.Processes + reply.LeftOut.Length);
            }

            await done.CancelAsync();
            await torn;
            GenServer.Cast(pair, "more");
            Assert.Equal(1, await GenServer.Call<long>(pair, "value"));
        });
    }

    [Fact]
    public async Task What_cannot_be_written_is_refused_and_leaves_no_file()
    {
        await using var folder = new ReleaseFolder { IsWhole = true };
        await folder.Start("1", Pairs());
        await folder.Node.Run(async () =>
        {
            Task Refused(string file, string why, ImmutableArray<string> modules = default) => Refusal(
                () => new Snapshot(folder.Node.Node, folder.Node.Code, "demo", "1").Take(new(file, modules), TimeSpan.FromSeconds(30)), why);

            await Refused("relative", "is no full path");
            await Refused("/no/such/folder/file", "cannot be written");
            await Refused(_file, "No process runs the module Nobody", ["Nobody"]);
            await File.WriteAllTextAsync(_file, "mine");
            await Refused(_file, "is there already");
            Assert.Equal("mine", await File.ReadAllTextAsync(_file));
            Assert.Empty(Directory.EnumerateFiles(Path.GetTempPath(), Path.GetFileName(_file) + ".*.part"));
        });
    }

    [Fact]
    public async Task A_file_that_is_cut_off_or_of_something_else_is_refused()
    {
        await using var folder = new ReleaseFolder { IsWhole = true };
        await folder.Start("1", Pairs());
        await folder.Node.Run(async () =>
        {
            await Begin(folder);
            await Take(folder);
        });
        var whole = await File.ReadAllBytesAsync(_file);

        await File.WriteAllBytesAsync(_file, whole[..^3]);
        Assert.Contains("it ends in the middle", (await Assert.ThrowsAsync<WireDamagedException>(() => SnapshotRehearsal.Run(_file, folder.Layout, "1"))).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_file, "something else");
        Assert.Contains("it does not start like a snapshot", (await Assert.ThrowsAsync<WireDamagedException>(() => SnapshotRehearsal.Run(_file, folder.Layout, "1"))).Message, StringComparison.Ordinal);
    }

    private static async Task Refusal(Func<Task> step, string why) =>
        Assert.Contains(why, (await Assert.ThrowsAsync<ControlRefusedException>(step)).Message, StringComparison.Ordinal);
}
