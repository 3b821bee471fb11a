using Microsoft.Extensions.Logging;
using Midflight.Testing;

namespace Midflight.Host.Tests.Boot;

/// <summary>A log does not grow without end, and shows what is in it as it is.</summary>
public sealed partial class LogBoundsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("midflight-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_flood_is_counted_and_other_events_are_written()
    {
        using var output = new StringWriter();
        var time = new ManualTime();
        using var logger = new LineLogger(output, time);

        for (var i = 0; i < 100_000; i++)
        {
            Flood(logger, i);
        }

        Other(logger);
        Assert.InRange(output.ToString().Split('\n').Length, 100, 110);
        Assert.Contains("Something else.", output.ToString(), StringComparison.Ordinal);
        time.Advance(TimeSpan.FromSeconds(11));
        Assert.Contains("99900 lines of the event 9001 Flood were omitted", output.ToString(), StringComparison.Ordinal);
        Flood(logger, 7);
        Assert.EndsWith("Flooded by 7.", output.ToString().TrimEnd(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\e[2J", "\\u001B[2J")]
    [InlineData("a\rb", "a\n    b")]
    [InlineData("\u009B31m", "\\u009B31m")]
    [InlineData("a\u202Eb", "a\\u202Eb")]
    [InlineData("a\0b\a\b\u007F", "a\\u0000b\\u0007\\u0008\\u007F")]
    [InlineData("tab\tstays, ä😀 too", "tab\tstays, ä😀 too")]
    public void Control_characters_are_written_as_what_they_are(string text, string shown)
    {
        using var output = new StringWriter();
        using var logger = new LineLogger(output, new ManualTime());

        Any(logger, text);

        Assert.EndsWith("Z warn  " + shown, output.ToString().TrimEnd('\n'), StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_file_is_renamed_and_the_oldest_goes()
    {
        var path = Path.Combine(_folder, "node.log");

        using (var file = new RotatedFile(path, isOutput: false, most: 1000, old: 2))
        {
            for (var i = 0; i < 100; i++)
            {
                file.WriteLine($"{i:000} {new string('x', 95)}");
            }
        }

        Assert.Equal(["node.log", "node.log.1", "node.log.2"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order());
        Assert.All(Directory.GetFiles(_folder), file => Assert.InRange(new FileInfo(file).Length, 1, 1000));
        Assert.StartsWith("099", File.ReadLines(path).Last(), StringComparison.Ordinal);
        Assert.Equal(30, Directory.GetFiles(_folder).Sum(file => File.ReadLines(file).Count()));
    }

    [LoggerMessage(EventId = 9001, EventName = "Flood", Level = LogLevel.Warning, Message = "Flooded by {Number}.")]
    private static partial void Flood(ILogger logger, int number);

    [LoggerMessage(EventId = 9002, EventName = "Other", Level = LogLevel.Warning, Message = "Something else.")]
    private static partial void Other(ILogger logger);

    [LoggerMessage(EventId = 9003, EventName = "Any", Level = LogLevel.Warning, Message = "{Text}")]
    private static partial void Any(ILogger logger, string text);
}
