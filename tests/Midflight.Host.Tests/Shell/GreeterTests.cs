#pragma warning disable RS0030 // The greeter writes to the console, so this reads what it writes.

using System.Threading.Channels;

namespace Midflight.Shell.Tests;

/// <summary>The live demo of the article: new words under the same pid.</summary>
[Collection("console")]
public sealed class GreeterTests
{
    [Fact]
    public async Task The_greeter_goes_from_Hello_to_Howdy_under_one_pid()
    {
        using var console = new Listener();
        await using var shell = await TranscriptTests.Open("greeter", "greeter.cs", 1);

        Assert.Equal("[Greeter]", await shell.Enter("c(\"greeter.cs\")"));
        Assert.Equal("", await shell.Enter("Greeter.Start()"));
        await shell.Enter("var before = WhereIs(\"greeter\");");
        await shell.Enter("Send(\"greeter\", (\"greet\", \"Alice\"))");
        Assert.Equal("Hello, Alice!", await console.Next());

        TranscriptTests.Patch(shell, "greeter", "greeter.cs", 2);
        Assert.Equal("[Greeter]", await shell.Enter("c(\"greeter.cs\")"));

        // It waits in the receive of the old version, which takes this one still: so it is in Erlang, whatever the article says.
        await shell.Enter("Send(\"greeter\", (\"greet\", \"Bob\"))");
        Assert.Equal("Hello, Bob!", await console.Next());
        await shell.Enter("Send(\"greeter\", (\"greet\", \"Alice\"))");
        Assert.Equal("Howdy, Alice! Welcome to Midflight!", await console.Next());
        Assert.Equal("true", await shell.Enter("before == WhereIs(\"greeter\")"));
    }

    /// <summary>Stands in for the console.</summary>
    private sealed class Listener : StringWriter
    {
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
        private readonly TextWriter _console = Console.Out;

        internal Listener() => Console.SetOut(this);

        internal Task<string> Next() => _lines.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

        public override void WriteLine(string? value) => _lines.Writer.TryWrite(value ?? "");

        protected override void Dispose(bool disposing)
        {
            Console.SetOut(_console);
            base.Dispose(disposing);
        }
    }
}

/// <summary>Tests that need the console for themselves.</summary>
[CollectionDefinition("console", DisableParallelization = true)]
public sealed class ConsoleTests;
