namespace Midflight.Host.Tests;

/// <summary>The sources of the application of most scenarios: a supervisor over workers that note what happens to them.</summary>
internal static class Demo
{
    private const string Journal = """
        internal static class Journal
        {
            internal static void Say(string line)
            {
                if (Process.WhereIs("journal") is { } journal)
                {
                    Process.Send(journal, line);
                }
            }
        }

        """;

    /// <summary>An application of these parts that starts nothing by itself.</summary>
    public static (string, string) Code(params string[] parts) => ("demo", Journal + string.Join('\n', parts));

    /// <summary>An application over a supervisor <c>Top</c> with these children, named by the small first letter: <c>W1</c> is <c>w1</c>.</summary>
    public static (string, string) Tree(string[] children, params string[] parts) =>
        Code([Application("Demo", "Top"), Supervisor("Top", children), .. parts]);

    /// <summary>An application of one worker under its supervisor.</summary>
    public static (string, string) Lone(int version, string change = Changed, string more = "", string vsn = "number") =>
        Tree(["W1"], Worker("W1", version, change, more, vsn));

    /// <summary>Another application, of one worker <c>NAMEWorker</c> under a supervisor of its own.</summary>
    public static (string, string) Other(string name, string onStart = "") => (name, Journal
        + Application(Module(name), $"{Module(name)}Top", onStart) + Supervisor($"{Module(name)}Top", [$"{Module(name)}Worker"]) + Worker($"{Module(name)}Worker", 1));

    public static string Application(string name, string top, string onStart = "", string onConfigChange = "") => $$"""
        public sealed class {{name}} : Application
        {
            protected override async ValueTask<Pid> Start(ApplicationStart start)
            {
                Journal.Say("{{name}} start");
                {{onStart}}
                return await GenServer.StartLink<{{top}}>(null, "{{Name(top)}}");
            }

            protected override ValueTask Stop()
            {
                Journal.Say("{{name}} stop");
                return default;
            }

            protected override ValueTask ConfigChange(ConfigChange change)
            {
                Journal.Say($"{{name}} config_change {Pairs(change.Changed)} {Pairs(change.Added)} [{string.Join(',', change.Removed)}]");
                {{onConfigChange}}
                return default;
            }

            private static string Pairs(IEnumerable<KeyValuePair<string, System.Text.Json.JsonElement>> pairs) =>
                $"[{string.Join(',', pairs.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"))}]";
        }

        """;

    public static string Supervisor(string name, string[] children, string strategy = "OneForOne") => $$"""
        public sealed class {{name}} : Supervisor
        {
            protected override SupervisorSpec Init(object? argument) => new(Strategy.{{strategy}}, [{{string.Join(", ", children.Select(Child))}}]);
        }

        """;

    // How the state of a worker tells which versions it went through.
    private const string Changed = """return $"{Version} ({state})";""";

    /// <summary>A worker: its state is text, as in "1 fresh".</summary>
    /// <param name="name">Its module.</param>
    /// <param name="version">Its vsn, and what it says of itself.</param>
    /// <param name="change">The body of its CodeChange.</param>
    /// <param name="more">More members.</param>
    /// <param name="vsn">Its vsn where that is not the number; empty for none.</param>
    public static string Worker(string name, int version, string change = Changed, string more = "", string vsn = "number") => $$"""
        {{(vsn.Length == 0 ? "" : $"[Vsn(\"{(vsn == "number" ? $"{version}" : vsn)}\")]")}}
        public sealed class {{name}} : GenServer<string>
        {
            private const int Version = {{version}};

            // A worker told to wait does so until the test opens the gate, in whatever version.
            public static readonly ManualResetEventSlim Waits = new();
            public static readonly ManualResetEventSlim Gate = new();

            public static async Task<Pid> Begin() => await Start<{{name}}>();

            protected override Started<string> Init(object? argument)
            {
                Journal.Say("{{name}} {{version}} init");
                return "{{version}} fresh";
            }

            protected override Answer<string> HandleCall(object request, string state)
            {
                if (request is "wait")
                {
                    Waits.Set();
                    Gate.Wait();
                }

                return request is "version" ? Reply(Version, state) : Reply(state, state);
            }

            protected override Answer<string> HandleCast(object message, string state)
            {
                Journal.Say($"{{name}} {{version}} cast {message}");
                return NoReply(state);
            }

            protected override Answer<string> HandleInfo(object message, string state)
            {
                Journal.Say($"{{name}} {{version}} info {message}");
                return NoReply(state);
            }

            protected override string CodeChange(OldVsn from, string state, object? extra)
            {
                Journal.Say($"{{name}} {{version}} code_change {from} ({state}) {extra}");
                {{change}}
            }

            {{more}}
        }

        """;

    private static string Child(string child) => child.Contains('(', StringComparison.Ordinal) ? child : $"Child.Of<{child}>() with {{ Name = \"{Name(child)}\" }}";

    private static string Name(string module) => char.ToLowerInvariant(module[0]) + module[1..];

    private static string Module(string name) => char.ToUpperInvariant(name[0]) + name[1..];
}
