using System.Runtime.CompilerServices;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests.Behaviours;

/// <summary>An agent moves like any server; its functions are code of the version that sends them, or named and so of the current one.</summary>
public sealed class AgentUpgradeTests
{
    private static string Hits(int version) => $$"""
        public sealed record Count(int Value{{(version == 1 ? "" : ", int Step = 10")}});

        public sealed class Hits : Agent<Count>
        {
            public static ValueTask<string> Show(Pid hits) => Get(hits, count => $"v{{version}} {count}");
            public static ValueTask AddNamed(Pid hits) => Update(hits, Added);
            public static ValueTask AddByLambda(Pid hits) => Update(hits, count => count with { Value = count.Value + 1 });
            public static void CastLambda(Pid hits) => Cast(hits, count => count with { Value = count.Value + 1 });
            private static Count Added(Count count) => count with { Value = count.Value + {{(version == 1 ? "1" : "count.Step")}} };
            protected override Started<Count> Init(object? argument) => new Count(0);
        }

        public sealed class Number : Agent<int>
        {
            public static ValueTask<string> Show(Pid number) => Get(number, Named);
            public static ValueTask<string> ShowByLambda(Pid number) => Get(number, n => $"lambda of v{{version}}: {n}");
            private static string Named(int n) => $"v{{version}}: {n}";
            protected override Started<int> Init(object? argument) => 5;
        }
        """;

    private static ApplicationImage Image(int version) => Compile.Application("hits", Hits(version), $"0.{version}.0");

    private static Func<Pid, T> Function<T>(TestNode node, string module, string name) => node.Module(module).GetMethod(name)!.CreateDelegate<Func<Pid, T>>();

    [Fact]
    public async Task Its_state_is_converted_and_functions_of_old_code_run_as_their_kind_can()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));

        await node.Run(async () =>
        {
            var hits = await GenServer.Start(node.Module("Hits"));
            var number = await GenServer.Start(node.Module("Number"));
            var addNamed = Function<ValueTask>(node, "Hits", "AddNamed");
            var addByLambda = Function<ValueTask>(node, "Hits", "AddByLambda");
            var showNumber = Function<ValueTask<string>>(node, "Number", "Show");
            var showByLambda = Function<ValueTask<string>>(node, "Number", "ShowByLambda");
            var cast = node.Module("Hits").GetMethod("CastLambda")!.CreateDelegate<Action<Pid>>();
            await addNamed(hits);
            await addByLambda(hits);
            await node.Load(Image(2));

            // From here on these are calls by old code.
            await addNamed(hits);
            Assert.Equal("v2 Count { Value = 12, Step = 10 }", await (ValueTask<string>)Hot.Call(node, "Hits", "Show", hits)!);
            var refused = await Assert.ThrowsAsync<ConversionException>(() => addByLambda(hits).AsTask());
            Assert.Equal(
                "Hits holds its state as Count of hits 0.2.0 (#2), but a lambda in Hits of hits 0.1.0 (#1) expects another one. "
                + "Pass a named static method, which is looked up in the current version, or call from current code.",
                refused.Message);
            cast(hits);
            Assert.Equal("v2 Count { Value = 12, Step = 10 }", await (ValueTask<string>)Hot.Call(node, "Hits", "Show", hits)!);
            Assert.Contains(node.Log.Lines, line => line.Event.Name == "AgentFunctionNotRun");

            Assert.Equal("v2: 5", await showNumber(number));
            Assert.Equal("lambda of v1: 5", await showByLambda(number));
        });
    }

    [Fact]
    public async Task The_version_of_a_function_that_it_ran_last_goes()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));
        await Asked(node, await Started(node));
        await node.Load(Image(2));

        Assert.Equal("hits 0.1.0 (#1) is unloaded.", Assert.Single((await node.Code.Purge("hits", PurgeMethod.Soft)).Prove(node.Node)).ToString());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Pid> Started(TestNode node)
    {
        var agent = default(Pid);
        await node.Run(async () => agent = await GenServer.Start(node.Module("Number")));
        return agent;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Task Asked(TestNode node, Pid agent) => node.Run(async () =>
        Assert.Equal("lambda of v1: 5", await (ValueTask<string>)Hot.Call(node, "Number", "ShowByLambda", agent)!));

    [Fact]
    public async Task A_release_takes_it_up_and_down()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", ("demo", Hits(1)));
        folder.Package("2", ("demo", Hits(2)));

        await folder.Node.Run(async () =>
        {
            var hits = await GenServer.Start(folder.Node.Module("Hits"));
            await (ValueTask)Hot.Call(folder.Node, "Hits", "AddNamed", hits)!;
            await folder.Handler.Install("2", InstallSettings.Default);
            await (ValueTask)Hot.Call(folder.Node, "Hits", "AddNamed", hits)!;
            Assert.Equal("v2 Count { Value = 11, Step = 10 }", await (ValueTask<string>)Hot.Call(folder.Node, "Hits", "Show", hits)!);
            await folder.Handler.Install("1", InstallSettings.Default);
            Assert.Equal("v1 Count { Value = 11 }", await (ValueTask<string>)Hot.Call(folder.Node, "Hits", "Show", hits)!);
        });
    }
}
