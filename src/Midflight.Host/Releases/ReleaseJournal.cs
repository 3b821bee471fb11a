using System.Text.Json;
using System.Text.Json.Serialization;
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
public sealed record JournalEntry(string From, string To, UpgradePhase Phase, string? Outcome, DateTimeOffset At);

/// <summary>What the release handler is about to do, on disk before it does it: <c>releases/journal.json</c>.</summary>
/// <remarks>
/// <para>
/// Which release a start takes does not depend on it: that is <c>releases/start.txt</c> alone, whose rename is the one
/// step that commits. So a node that dies at any step starts again on the last committed release. The journal says what was
/// interrupted, for the log and for <c>status</c>.
/// </para>
/// </remarks>
internal sealed class ReleaseJournal(ReleaseLayout layout, TimeProvider time)
{
    private static readonly JsonSerializerOptions s_options = new() { WriteIndented = true };

    private string File => Path.Combine(layout.Releases, "journal.json");

    internal void Write(string from, string to, UpgradePhase phase, string? outcome = null)
    {
        var entry = new JournalEntry(from, to, phase, outcome, time.GetUtcNow());
        DurableFile.Write(File, JsonSerializer.SerializeToUtf8Bytes(entry, s_options));
        FaultPoint.Reach($"journal:{phase}");
    }

    /// <summary>The last entry; null for a node that was never upgraded, or where the file cannot be read.</summary>
    internal JournalEntry? Read()
    {
        try
        {
            return System.IO.File.Exists(File) ? JsonSerializer.Deserialize<JournalEntry>(System.IO.File.ReadAllBytes(File), s_options) : null;
        }
        catch (JsonException)
        {
            // It decides nothing, so it is not worth a start that fails.
            return null;
        }
    }
}
