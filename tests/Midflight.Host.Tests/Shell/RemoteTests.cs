using Microsoft.Extensions.Logging.Abstractions;
using Midflight.Host;
using Midflight.Host.Control;
using Midflight.Host.Evaluation;
using Midflight.Releases.Packages;

namespace Midflight.Shell.Tests;

/// <summary>The shell through the control channel of a node.</summary>
public sealed class RemoteTests
{
    [Fact]
    public async Task A_shell_works_through_the_control_channel()
    {
        var folder = Directory.CreateTempSubdirectory("midflight-remote");
        await Work(folder.FullName);
        folder.Delete(recursive: true);
    }

    private static async Task Work(string folder)
    {
        var layout = new ReleaseLayout(folder);
        await using var node = new Node();
        var shells = new ShellServer(node, new CodeServer(node, Conversions.For));
        await using var control = new ControlServer(layout.ControlSocket, NullLogger.Instance, TimeProvider.System);
        shells.Serve(control);
        control.Start();
        File.WriteAllText(Path.Combine(folder, "twice.cs"), "public static class Twice { public static int Of(int n) => 2 * n; }");

        await using (var client = await ControlClient.Connect(layout))
        {
            await using var session = await Session.Open(new ShellNode.Remote(client), folder);

            Assert.Equal("[Twice]", (await session.Enter("c(\"twice.cs\")")).Text);
            await session.Enter("var x = Twice.Of(21);");
            Assert.Equal("(42, true)", (await session.Enter("(x, self().IsAlive)")).Text);
            Assert.Equal("InvalidOperationException: no", (await session.Enter("throw new InvalidOperationException(\"no\")")).Text);
            Assert.Equal("3", (await session.Enter("1 + 2")).Text);
            Assert.Equal(1, shells.Count);
            await node.Run(async () =>
            {
                Process.Register("test", Process.Self);
                var waits = session.Enter("Send(\"test\", 1); await Receive();");
                await Process.Receive();
                await session.Break();
                Assert.Contains("ended; the shell continues in a new one", (await waits).Text, StringComparison.Ordinal);
            });
            Assert.Equal("42", (await session.Enter("x")).Text);
        }

        Assert.Equal(0, shells.Count);
    }
}
