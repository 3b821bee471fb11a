using Microsoft.Extensions.Logging;
using Midflight.Testing;

namespace Midflight.Host.Tests;

public sealed class LineLoggerTests
{
    [Fact]
    public void An_event_is_one_line_and_its_further_lines_are_indented()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var time = new ManualTime();
        var logger = new LineLogger(output, time);

        logger.LogInformation("Started.");
        time.Advance(TimeSpan.FromMilliseconds(1_234));
        logger.LogError("Ended:\n  why\n");
        logger.LogDebug("Nobody reads this.");

        Assert.Equal("2000-01-01 00:00:00.000Z info  Started.\n2000-01-01 00:00:01.234Z error Ended:\n      why\n", output.ToString());
    }

    [Fact]
    public void An_exception_stands_below_its_event()
    {
        using var output = new StringWriter { NewLine = "\n" };

        new LineLogger(output, new ManualTime()).LogWarning(new InvalidOperationException("no"), "Failed.");

        Assert.Equal("2000-01-01 00:00:00.000Z warn  Failed.\n    System.InvalidOperationException: no\n", output.ToString());
    }

    [Fact]
    public void A_line_that_cannot_be_written_is_lost_and_nobody_fails_for_it()
    {
        using var output = new FullDisk();
        var logger = new LineLogger(output, new ManualTime());

        logger.LogError("Lost.");
        output.HasRoom = true;
        logger.LogError("Written.");

        Assert.Equal("2000-01-01 00:00:00.000Z error Written.\n", output.ToString());
    }

    private sealed class FullDisk : StringWriter
    {
        public FullDisk() => NewLine = "\n";

        public bool HasRoom { get; set; }

        public override void WriteLine(string? value)
        {
            if (!HasRoom)
            {
                throw new IOException("No space left on device.");
            }

            base.WriteLine(value);
        }
    }
}
