namespace Repo.Tests;

/// <summary>One concept, one file: at 300 lines there is a reason, and it is written here.</summary>
public sealed class SizeTests
{
    private const int Longest = 300;

    // What one lock, one state machine or one door holds together reads better in one place.
    private static readonly Dictionary<string, string> s_longer = new()
    {
        ["src/Midflight/Processes/Cell.cs"] = "a process is one state machine under one lock",
        ["src/Midflight/Processes/Scheduler.cs"] = "its queues and their workers share each rule of memory order",
        ["src/Midflight/Processes/FunctionBody.cs"] = "receive, its time-out and its tail calls are one state machine",
        ["src/Midflight/Servers/GenServer.cs"] = "the whole of what a user overrides and calls, with its documentation",
        ["src/Midflight/Servers/ServerBody.cs"] = "the loop of a server and each system message that it understands",
        ["src/Midflight/Servers/ServerBodyOf.cs"] = "the same loop where it knows the type of the state",
        ["src/Midflight/Net/TcpSocket.cs"] = "one connection: what is sent, who owns it and how it ends, under one lock",
        ["src/Midflight/Net/TcpReader.cs"] = "reading lines without a frame on the stack is one state machine",
        ["src/Midflight.Host/Code/CodeServer.cs"] = "load, flip and purge share one account of who runs which version",
        ["src/Midflight.Host/Conversions/ShapeCompiler.cs"] = "one method of a converter, in the order in which it runs",
        ["src/Midflight.Host/Conversions/DeclaredEmitter.cs"] = "one case for each kind of declared value",
        ["src/Midflight.Releases/Declared/MachineSteps.cs"] = "one case for each instruction of a constructor",
        ["src/Midflight.Host/Releases/ReleaseHandler.cs"] = "each verb of a release, in the order of its life",
        ["src/Midflight.Host/Releases/Upgrade.cs"] = "one transaction, from its check to the commit or the way back",
        ["src/Midflight.Host/Releases/Switch.cs"] = "a transaction and the way back from each of its steps",
    };

    [Fact]
    public void A_source_is_short_or_has_a_reason()
    {
        var longer = Repository.Files("*.cs").Where(file => file.StartsWith("src/", StringComparison.Ordinal) && Lines(file) > Longest);
        Assert.Empty(longer.Except(s_longer.Keys));
    }

    [Fact]
    public void A_reason_goes_with_its_source() =>
        Assert.All(s_longer.Keys, file => Assert.True(File.Exists(Path.Combine(Repository.Root, file)), $"{file} is gone. Remove its line here."));

    private static int Lines(string file) => Repository.Read(file).AsSpan().Count('\n');
}
