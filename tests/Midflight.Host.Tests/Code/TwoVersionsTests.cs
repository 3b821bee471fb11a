using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>Two versions side by side, and how a process gets from one to the other.</summary>
public sealed class TwoVersionsTests
{
    // Erlang's cv of the scenarios: a process that says which version a local and a qualified call run.
    internal static string Cv(int version) => $$"""
        public static class Cv
        {
            public static int Vsn() => {{version}};

            public static async ProcessTask<Next> Loop(Pid tester)
            {
                switch (await Process.Receive())
                {
                    case "versions":
                        Process.Send(tester, (Vsn(), Code.Call(Vsn)));
                        return Next.Local(Loop, tester);
                    case "switch":
                        Process.Send(tester, "switched");
                        return Next.Current(Loop, tester);
                    default:
                        return Next.End;
                }
            }
        }
        """;

    [Fact]
    public async Task Local_calls_stay_in_the_version_of_the_process_and_qualified_calls_enter_the_newest()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("cv", Cv(1)));

        await node.Run(async () =>
        {
            var process = Hot.Spawn(node, "Cv", "Loop", Process.Self);
            Process.Send(process, "versions");
            Assert.Equal((1, 1), await Process.Receive());

            await node.Load(Compile.Application("cv", Cv(2), "0.2.0"));
            Process.Send(process, "versions");
            Assert.Equal((1, 2), await Process.Receive());
            Assert.False((await node.Code.Purge("cv", PurgeMethod.Soft)).Purged);

            Process.Send(process, "switch");
            Assert.Equal("switched", await Process.Receive());
            Process.Send(process, "versions");
            Assert.Equal((2, 2), await Process.Receive());
            Assert.NotNull(node.Code.Find("cv")!.Old);
            Assert.True((await node.Code.Purge("cv", PurgeMethod.Soft)).Purged);
            Assert.Null(node.Code.Find("cv")!.Old);
        });
    } // code-two-versions

    [Theory]
    [InlineData("Steps")]
    [InlineData("Whole")]
    public async Task A_process_begins_in_the_newest_version_of_a_function_that_takes_nothing(string function)
    {
        static string Told(int version) => $$"""
            public static class Told
            {
                public static async ProcessTask<Next> Steps()
                {
                    Process.Send((Pid)await Process.Receive(), {{version}});
                    return Next.Current(Steps);
                }

                public static async ProcessTask Whole()
                {
                    Process.Send((Pid)await Process.Receive(), {{version}});
                    await Process.Receive();
                }
            }
            """;

        await using var node = new TestNode();
        await node.Load(Compile.Application("told", Told(1)));
        var old = node.Module("Told").GetMethod(function)!;

        await node.Run(async () =>
        {
            Pid Start() => function == "Steps" ? Process.Spawn(old.CreateDelegate<Func<ProcessTask<Next>>>()) : Process.Spawn(old.CreateDelegate<Func<ProcessTask>>());

            var before = Start();
            Process.Send(before, Process.Self);
            Assert.Equal(1, await Process.Receive());

            await node.Load(Compile.Application("told", Told(2), "0.2.0"));
            var after = Start();
            Process.Send(after, Process.Self);
            Assert.Equal(2, await Process.Receive());

            // The one that goes on in itself is there with its next step, the other one in the version that it began in.
            Process.Send(before, Process.Self);

            if (function == "Steps")
            {
                Assert.Equal(1, await Process.Receive());
                Process.Send(before, Process.Self);
                Assert.Equal(2, await Process.Receive());
            }
        });
    }
}
