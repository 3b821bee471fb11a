using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Midflight.Releases.Packages;

namespace Midflight.Host;

/// <summary>The progress of an upgrade.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UpgradePhase>))]
public enum UpgradePhase
{
    /// <summary>The package is verified and put in place.</summary>
    Unpacking,

    /// <summary>The plan is made, the new code is loaded beside the running one, conversions are rehearsed.</summary>
    Checking,

    /// <summary>Processes are suspended and changed.</summary>
    Switching,

    /// <summary>The node stops, and starts again with other applications or on another runtime, as the script says.</summary>
    Restarting,

    /// <summary>The new code is running, but is not committed.</summary>
    OnProbation,

    /// <summary>The new release becomes the one that the next start uses.</summary>
    Committing,

    /// <summary>Everything is being rolled back.</summary>
    RollingBack,

    /// <summary>Finished, successfully or not.</summary>
    Ended,
}

/// <summary>One upgrade or downgrade, as recorded in the journal.</summary>
/// <param name="From">The source release.</param>
/// <param name="To">The target release.</param>
/// <param name="Phase">Its progress.</param>
/// <param name="Outcome">How it ended; null while it has not.</param>
/// <param name="At">When this was written.</param>
public sealed record JournalEntry(string From, string To, UpgradePhase Phase, string? Outcome, DateTimeOffset At)
{
    /// <summary>After a restart: whether to commit.</summary>
    public bool Commit { get; init; }

    /// <summary>After a restart: how long the new code is watched before the commit.</summary>
    public TimeSpan Probation { get; init; }

    /// <summary>The report of a finished upgrade that restarted the node; null for any other.</summary>
    public UpgradeReport? Report { get; init; }

    /// <summary>Whether nothing more happens.</summary>
    [JsonIgnore]
    public bool IsOver => Phase == UpgradePhase.Ended || Report is not null;
}

/// <summary>Records on disk what the release handler is about to do, before it does it: <c>releases/journal.json</c>.</summary>
/// <remarks>
/// <para>
/// Which release a start uses does not depend on it: only <c>releases/start.txt</c> decides, whose rename is the one
/// step that commits. So a node that dies at any step starts again on the last committed release. The journal says what was
/// interrupted, for the log and for <c>status</c>.
/// </para>
/// <para>
/// A restart in the middle of an upgrade does not depend on it either. The old node tells the new one in its arguments that it
/// continues, and this file says how. If the node is killed in between, something else starts it, without
/// that argument, and so on the last committed release.
/// </para>
/// <para>Because it decides nothing, an entry that cannot be written stops nothing either: it is logged, and kept in memory until the node ends.</para>
/// </remarks>
internal sealed partial class ReleaseJournal(ReleaseLayout layout, TimeProvider time, ILogger logger)
{
    // The entry that the file does not have.
    private volatile JournalEntry? _unwritten;

    private string File => Path.Combine(layout.Releases, "journal.json");

    internal void Write(string from, string to, UpgradePhase phase, string? outcome = null) => TryWrite(new(from, to, phase, outcome, time.GetUtcNow()));

    /// <summary>The node is about to restart. The new node needs this entry, so it is written, or this throws.</summary>
    /// <exception cref="IOException">It cannot be written, for example because the disk is full.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    internal void WriteRestart(string from, string to, InstallSettings settings) => Write(
        new(from, to, UpgradePhase.Restarting, null, time.GetUtcNow()) { Commit = settings.Commit, Probation = settings.Probation });

    /// <summary>An upgrade that restarted the node has finished.</summary>
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

    /// <summary>The last entry; null for a node that was never upgraded, or if the file cannot be read.</summary>
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
            // It decides nothing, so it must not make a start fail.
            return null;
        }
    }

    [LoggerMessage(EventId = 113, EventName = "JournalNotWritten", Level = LogLevel.Warning,
        Message = "The journal of the upgrade {From} → {To} does not record {Phase}, because it cannot be written: {Problem} The upgrade continues.")]
    private static partial void NotWritten(ILogger logger, string from, string to, UpgradePhase phase, string problem);
}

/// <summary>The serializer of the journal, generated: otherwise the node's first upgrade would wait for it to be built.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(JournalEntry))]
internal sealed partial class JournalJson : JsonSerializerContext;
