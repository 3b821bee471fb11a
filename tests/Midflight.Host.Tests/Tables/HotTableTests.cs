using System.Runtime.CompilerServices;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>Tables live across code versions: what is in them is converted with the upgrade, put back with it, and keeps no old code.</summary>
public sealed class HotTableTests
{
    private static (string, string) Server(int version, string members, string more = "", string codeChange = "state") => ("demo", $$"""
        public sealed record Key(string Name) : IComparable
        {
            public int CompareTo(object? other) => string.CompareOrdinal(Name, ((Key)other!).Name);
        }

        public sealed record Session({{members}}) { {{more}} }

        public sealed record State(Table<Key, Session> Sessions, Table<Key, Session> Sorted, Table<string, Session> Bag);

        public sealed class Server : GenServer<State>
        {
            public static async Task<Pid> Begin() => await Start<Server>();

            protected override Started<State> Init(object? argument) => new State(
                new(name: "sessions", access: TableAccess.Public), new(TableKind.OrderedSet), new(TableKind.Bag));

            protected override State CodeChange(OldVsn from, State state, object? extra) => {{codeChange}};

            protected override Answer<State> HandleCall(object request, State state)
            {
                switch (request)
                {
                    case "fill":
                        state.Sessions[new Key("a")] = new Session(1);
                        state.Sorted[new Key("b")] = new Session(2);
                        state.Sorted[new Key("a")] = new Session(3);
                        state.Bag.Insert("c", new Session(4));
                        state.Bag.Insert("c", new Session(5));
                        break;
                    case string path when path.StartsWith('/'):
                        Task.Run(() => state.Sessions.Save(path)).Wait();
                        break;
                    case int number:
                        state.Sessions[new Key($"{number}")] = new Session(number);
                        break;
                }

                var all = state.Sessions.OrderBy(entry => entry.Key.Name).Concat(state.Sorted).Select(entry => entry.Value).Concat(state.Bag.Lookup("c"));
                return Reply($"{{version}}: {string.Join(" ", all)} {state.Sessions.Contains(new Key("a"))}", state);
            }
        }
        """);

    private static async Task<Pid> Begin(TestNode node)
    {
        var server = await (Task<Pid>)Hot.Call(node, "Server", "Begin")!;
        await GenServer.Call<string>(server, "fill");
        return server;
    }

    private const string Filled = "1: Session { Number = 1 } Session { Number = 3 } Session { Number = 2 } Session { Number = 4 } Session { Number = 5 } True";

    [Fact]
    public async Task What_is_in_a_table_is_converted_up_and_down_with_its_keys_and_the_old_code_goes()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Server(1, "int Number"));
        folder.Package("2", Server(2, "int Number, string Kind = \"x\""));

        await folder.Node.Run(async () =>
        {
            var server = await Begin(folder.Node);
            Assert.Equal(Filled, await GenServer.Call<string>(server, "show"));
            var report = await folder.Handler.Install("2", InstallSettings.Default);
            Assert.True(report.Committed);
            Assert.Equal(
                "2: Session { Number = 1, Kind = x } Session { Number = 3, Kind = x } Session { Number = 2, Kind = x } Session { Number = 4, Kind = x } Session { Number = 5, Kind = x } True",
                await GenServer.Call<string>(server, "show"));

            await folder.Handler.Install("1", InstallSettings.Default);
            Assert.Equal(Filled, await GenServer.Call<string>(server, "show"));
        });
    }

    [Fact]
    public async Task An_upgrade_that_fails_puts_the_tables_back()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Server(1, "int Number"));
        folder.Package("2", Server(2, "int Number, string Kind = \"x\"", codeChange: "throw new InvalidOperationException(\"Not now.\")"));

        await folder.Node.Run(async () =>
        {
            var server = await Begin(folder.Node);
            var failed = await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", InstallSettings.Default));
            Assert.Equal($"The code change of process {server} (Server) failed: Not now. Fix it and rebuild the release. Rolled back: 1 is still running.", failed.Message);
            Assert.Equal(Filled, await GenServer.Call<string>(server, "show"));
            Assert.Contains("Session { Number = 9 }", await GenServer.Call<string>(server, 9), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task An_entry_that_cannot_be_converted_is_found_by_the_rehearsal_before_anything_changes()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Server(1, "int Number"));
        folder.Package("2", Server(2, "int Number, string Kind", """
            public Session(int number) : this(number, "new") { }
            [Shape("1")] public sealed record V1(int Number);
            [Convert] static Session From(V1 old) => old.Number == 7 ? throw new InvalidOperationException("Seven is odd.") : new(old.Number, "from 1");
            [Convert] static V1 Back(Session now) => new(now.Number);
            """));

        await folder.Node.Run(async () =>
        {
            var server = await Begin(folder.Node);
            await GenServer.Call<string>(server, 7);
            var refused = await Assert.ThrowsAsync<ReleaseRefusedException>(() => folder.Handler.Install("2", InstallSettings.Default));
            Assert.StartsWith($"What table 'sessions' of {server} holds cannot be converted: The entry Key {{ Name = 7 }} of table 'sessions' of {server}: ", refused.Message, StringComparison.Ordinal);
            Assert.Contains("Seven is odd.", refused.Message, StringComparison.Ordinal);
            Assert.StartsWith("1: ", await GenServer.Call<string>(server, "show"), StringComparison.Ordinal);
        });
    }

    private static ApplicationImage Image(int version, string members = "int Number") => Compile.Application("demo", Server(version, members).Item2, $"0.{version}.0");

    [Fact]
    public async Task Tables_keep_no_old_code_in_memory()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));
        var server = await Started(node);
        await node.Load(Image(2, "int Number, string Kind = \"x\""));

        Assert.Equal("demo 0.1.0 (#1) is unloaded.", Assert.Single((await node.Code.Purge("demo", PurgeMethod.Soft)).Prove(node.Node)).ToString());
        await node.Run(async () => Assert.StartsWith("2: Session { Number = 1, Kind = x }", await GenServer.Call<string>(server, "show"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_table_that_was_written_to_a_file_keeps_no_old_code_in_memory()
    {
        var file = Path.GetTempFileName();

        try
        {
            await using var node = new TestNode();
            await node.Load(Image(1));
            var server = await Started(node, file);
            await node.Load(Image(2, "int Number, string Kind = \"x\""));

            Assert.Equal("demo 0.1.0 (#1) is unloaded.", Assert.Single((await node.Code.Purge("demo", PurgeMethod.Soft)).Prove(node.Node)).ToString());
            await node.Run(async () => Assert.StartsWith("2: Session { Number = 1, Kind = x }", await GenServer.Call<string>(server, file), StringComparison.Ordinal));
            Assert.Contains("{\"Key\":{\"Name\":\"a\"},\"Value\":{\"Number\":1,\"Kind\":\"x\"}}", await File.ReadAllLinesAsync(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Pid> Started(TestNode node, string? file = null)
    {
        var server = default(Pid);
        await node.Run(async () =>
        {
            server = await Begin(node);
            _ = file is null ? null : await GenServer.Call<string>(server, file);
        });
        return server;
    }

    [Fact]
    public async Task Code_that_cannot_take_a_table_over_is_not_loaded()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("demo", Source("public sealed record Session(int Number);")));

        await node.Run(async () =>
        {
            var table = new Table<string, object>(name: "objects") { ["a"] = Hot.New(node, "Session", 1) };
            var refused = Assert.IsType<LoadResult.Refused>(
                await node.Code.Load([Compile.Application("demo", Source("public sealed record Session(int Number, string Kind);"), "0.2.0")], PurgeMethod.Soft));
            Assert.StartsWith(
                $"demo 0.2.0 was not loaded: The entry a of table 'objects' of {Process.Self}: Session.Kind", refused.Why.ToString(), StringComparison.Ordinal);
            Assert.Equal("Session { Number = 1 }", table["a"].ToString());
        });
    }

    private static string Source(string session) => $"{session} public static class Other;";

    [Fact]
    public async Task Old_and_new_code_read_and_write_the_same_table()
    {
        const string Functions = """
            public static class Functions
            {
                public static Table<Key, Session> Open() => Table<Key, Session>.Find("sessions")!;
                public static string Read(string name) => Open()[new Key(name)].ToString();
                public static void Write(string name, int number) => Open()[new Key(name)] = new Session(number);
                public static bool Remove(string name, int number) => Open().Remove(new Key(name), new Session(number));
                public static int RemoveWhere(int number) => Open().RemoveWhere((_, session) => session.Number == number);
            }
            """;
        await using var node = new TestNode();
        await node.Load(Compile.Application("demo", Server(1, "int Number").Item2 + Functions));

        await node.Run(async () =>
        {
            await Begin(node);
            var (read, write) = (Delegate<Func<string, string>>("Read"), Delegate<Action<string, int>>("Write"));
            var (remove, removeWhere) = (Delegate<Func<string, int, bool>>("Remove"), Delegate<Func<int, int>>("RemoveWhere"));
            await node.Load(Compile.Application("demo", Server(2, "int Number, string Kind = \"x\"").Item2 + Functions, "0.2.0"));
            var (readNew, writeNew) = (Delegate<Func<string, string>>("Read"), Delegate<Action<string, int>>("Write"));
            Assert.Equal(("Session { Number = 1 }", "Session { Number = 1, Kind = x }"), (read("a"), readNew("a")));
            write("old", 2);
            writeNew("new", 3);
            Assert.Equal(("Session { Number = 3 }", "Session { Number = 2, Kind = x }"), (read("new"), readNew("old")));
            Assert.Equal((false, true, 1, 0), (remove("new", 2), remove("new", 3), removeWhere(2), removeWhere(2)));
        });

        T Delegate<T>(string name)
            where T : Delegate => node.Module("Functions").GetMethod(name)!.CreateDelegate<T>();
    }
}
