using System.Runtime.CompilerServices;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>A special process is upgraded as a server is: suspended, converted, changed and resumed, or put back.</summary>
public sealed class HotSpecialProcessTests
{
    private static (string, string) Pump(int version, string members, string codeChange = "state") => ("demo", $$"""
        public sealed record Oil({{members}});

        public sealed record Ask(Pid From);

        public sealed class Pump : SpecialProcess<Oil>
        {
            public static async Task<Pid> Begin() => await GenServer.Start<Pump>(3);

            public static Ask Asking() => new(Process.Self);

            protected override ProcessTask<Next> Run(object? argument)
            {
                Process.InitAck();
                return new(Next.Current(Loop, new Oil((int)argument!)));
            }

            protected override ProcessTask<Next> Continue(Oil state) => Loop(state);

            protected override Oil CodeChange(OldVsn from, Oil state, object? extra) => {{codeChange}};

            public static async ProcessTask<Next> Loop(Oil state)
            {
                switch (await Process.Receive())
                {
                    case SystemMessage message:
                        return Sys.Handle<Pump, Oil>(message, state);
                    case Ask ask:
                        Process.Send(ask.From, $"{{version}} {state}");
                        return Next.Current(Loop, state);
                    default:
                        throw new NotSupportedException();
                }
            }
        }
        """);

    private static async Task<string> Ask(ReleaseFolder folder, Pid pump)
    {
        Process.Send(pump, Hot.Call(folder.Node, "Pump", "Asking")!);
        return await Process.Receive<string>();
    }

    [Fact]
    public async Task It_keeps_its_pid_and_its_state_up_and_down_and_the_old_code_goes()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Pump(1, "int Litres"));
        folder.Package("2", Pump(2, "int Litres, string Kind = \"thick\"", "from.IsDown ? state : state with { Litres = state.Litres + 1 }"));
        var pump = await Begin(folder);

        await folder.Node.Run(async () =>
        {
            var report = await folder.Handler.Install("2", InstallSettings.Default);
            Assert.Equal((1, true), (report.Processes, report.Committed));
            Assert.Equal("2 Oil { Litres = 4, Kind = thick }", await Ask(folder, pump));
            await Sys.Suspend(pump);
            await folder.Handler.Install("1", InstallSettings.Default);
            Assert.Equal("1 Oil { Litres = 4 }", await Ask(folder, pump));
        });

        Assert.Null(folder.Node.Code.Find("demo")!.Old);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Pid> Begin(ReleaseFolder folder)
    {
        var pump = default(Pid);
        await folder.Node.Run(async () =>
        {
            pump = await (Task<Pid>)Hot.Call(folder.Node, "Pump", "Begin")!;
            Assert.Equal("1 Oil { Litres = 3 }", await Ask(folder, pump));
        });
        return pump;
    }

    [Fact]
    public async Task A_change_of_code_that_throws_is_rolled_back()
    {
        await using var folder = new ReleaseFolder();
        await folder.Start("1", Pump(1, "int Litres"));
        folder.Package("2", Pump(2, "int Litres", "throw new InvalidOperationException(\"No oil.\")"));

        await folder.Node.Run(async () =>
        {
            var pump = await (Task<Pid>)Hot.Call(folder.Node, "Pump", "Begin")!;
            var failed = await Assert.ThrowsAsync<UpgradeFailedException>(() => folder.Handler.Install("2", InstallSettings.Default));
            Assert.Equal($"The code change of process {pump} (Pump) failed: No oil. Fix it and rebuild the release. Rolled back: 1 is still running.", failed.Message);
            Assert.Equal("1 Oil { Litres = 3 }", await Ask(folder, pump));
        });
    }

    [Fact]
    public async Task A_suspended_one_keeps_no_old_code_in_memory()
    {
        await using var node = new TestNode();
        await node.Load(Image(1));
        var pump = await Suspended(node);
        await node.Load(Image(2));

        Assert.Equal("demo 0.1.0 (#1) is unloaded.", Assert.Single((await node.Code.Purge("demo", Midflight.Releases.PurgeMethod.Soft)).Prove(node.Node)).ToString());

        await node.Run(async () =>
        {
            await Sys.Resume(pump);
            Process.Send(pump, Hot.Call(node, "Pump", "Asking")!);
            Assert.Equal("2 Oil { Litres = 3 }", await Process.Receive());
        });
    }

    private static ApplicationImage Image(int version) => Compile.Application("demo", Pump(version, "int Litres").Item2, $"0.{version}.0");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<Pid> Suspended(TestNode node)
    {
        var pump = default(Pid);
        await node.Run(async () =>
        {
            pump = await (Task<Pid>)Hot.Call(node, "Pump", "Begin")!;
            await Sys.Suspend(pump);
        });
        return pump;
    }
}
