using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Midflight.Releases.Packages;

namespace Midflight.Host;

/// <summary>How far an upgrade has come.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UpgradePhase>))]
public enum UpgradePhase
{
    /// <summary>The package is verified and put in place.</summary>
    Unpacking,

    /// <summary>The plan is made, the new code is loaded beside the running one, conversions are rehearsed.</summary>
    Checking,

    /// <summary>Processes are suspended and changed.</summary>
    Switching,

    /// <summary>The node stops, and starts anew with other applications or on another runtime, as the script says.</summary>
    Restarting,

    /// <summary>The new code serves, but is not committed.</summary>
    OnProbation,

    /// <summary>The new release becomes the one that the next start takes.</summary>
    Committing,

    /// <summary>Everything is being put back.</summary>
    RollingBack,

    /// <summary>Done, one way or the other.</summary>
    Ended,
}

/// <summary>One upgrade or downgrade, as the journal has it.</summary>
/// <param name="From">The release that ran.</param>
/// <param name="To">The release gone to.</param>
/// <param name="Phase">How far it has come.</param>
/// <param name="Outcome">How it ended; null as long as it has not.</param>
/// <param name="At">When this was written.</param>
public sealed record JournalEntry(string From, string To, UpgradePhase Phase, string? Outcome, DateTimeOffset At)
{
    /// <summary>Behind a restart: whether to commit.</summary>
    public bool Commit { get; init; }

    /// <summary>Behind a restart: how long the new code is watched before.</summary>
    public TimeSpan Probation { get; init; }

    /// <summary>What an upgrade did that restarted the node and came to its end; null for any other.</summary>
    public UpgradeReport? Report { get; init; }

    /// <summary>Whether nothing more happens.</summary>
    [JsonIgnore]
    public bool IsOver => Phase == UpgradePhase.Ended || Report is not null;
}

/// <summary>What the release handler is about to do, on disk before it does it: <c>releases/journal.json</c>.</summary>
/// <remarks>
/// <para>
/// Which release a start takes does not depend on it: that is <c>releases/start.txt</c> alone, whose rename is the one
/// step that commits. So a node that dies at any step starts again on the last committed release. The journal says what was
/// interrupted, for the log and for <c>status</c>.
/// </para>
/// <para>
/// Neither does a restart in the middle of an upgrade: that the new node goes on is told by the old one as it becomes the
/// new one, in its arguments, and how to go on stands here. A node that is killed in between is started by somebody else, without
/// that argument, and so on the last committed release.
/// </para>
/// <para>As it decides nothing, an entry that cannot be written stops nothing either: it is logged, and known until the node ends.</para>
/// </remarks>
internal sealed partial class ReleaseJournal(ReleaseLayout layout, TimeProvider time, ILogger logger)
{
    // What the file does not have.
    private volatile JournalEntry? _unwritten;

    private string File => Path.Combine(layout.Releases, "journal.json");

    internal void Write(string from, string to, UpgradePhase phase, string? outcome = null) => TryWrite(new(from, to, phase, outcome, time.GetUtcNow()));

    /// <summary>The node is about to restart. The one entry that the new node needs, so it is written or this throws.</summary>
    /// <exception cref="IOException">It cannot be written: the disk is full, say.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    internal void WriteRestart(string from, string to, InstallSettings settings) => Write(
        new(from, to, UpgradePhase.Restarting, null, time.GetUtcNow()) { Commit = settings.Commit, Probation = settings.Probation });

    /// <summary>An upgrade that restarted the node has come to its end.</summary>
    internal void WriteReport(UpgradeReport report) => TryWrite(
        new(report.From, report.To, report.Committed ? UpgradePhase.Ended : UpgradePhase.OnProbation, null, time.GetUtcNow()) { Report = report });

    private void TryWrite(JournalEntry entry)
    {
        try
        {
            Write(entry);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _unwritten = entry;
            NotWritten(logger, entry.From, entry.To, entry.Phase, exception.Message);
        }
    }

    private void Write(JournalEntry entry)
    {
        DurableFile.Write(File, JsonSerializer.SerializeToUtf8Bytes(entry, JournalJson.Default.JournalEntry));
        _unwritten = null;
        FaultPoint.Reach($"journal:{entry.Phase}");
    }

    /// <summary>The last entry; null for a node that was never upgraded, or where the file cannot be read.</summary>
    internal JournalEntry? Read()
    {
        if (_unwritten is { } entry)
        {
            return entry;
        }

        try
        {
            return System.IO.File.Exists(File) ? JsonSerializer.Deserialize(System.IO.File.ReadAllBytes(File), JournalJson.Default.JournalEntry) : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            // It decides nothing, so it is not worth a start that fails.
            return null;
        }
    }

    [LoggerMessage(EventId = 113, EventName = "JournalNotWritten", Level = LogLevel.Warning,
        Message = "The journal of the upgrade {From} → {To} does not record {Phase}, because it cannot be written: {Problem} The upgrade continues.")]
    private static partial void NotWritten(ILogger logger, string from, string to, UpgradePhase phase, string problem);
}

/// <summary>How the journal is written, generated: the first upgrade of a node would else wait for it to be made.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
