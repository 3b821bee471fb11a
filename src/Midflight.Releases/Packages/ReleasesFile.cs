using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases.Packages;

/// <summary>The status of every release of a node: <c>releases/RELEASES.json</c>.</summary>
/// <remarks>
/// As in OTP, the file knows no current release: what runs without being committed is only in memory, and
/// <c>unpacked</c> in the file, so that a start after a crash uses the permanent one.
/// </remarks>
public static class ReleasesFile
{
    /// <summary>Reads the file and reconciles it with the disk.</summary>
    /// <returns>
    /// The releases, the newest first. A release whose folder is gone is left out. A folder without
    /// an entry (its unpack was interrupted just before the entry was written) counts as unpacked. Empty for a new node.
    /// </returns>
    /// <exception cref="InvalidDataException">The file was not written by <see cref="Write"/>.</exception>
    public static ImmutableArray<InstalledRelease> Read(ReleaseLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var listed = Listed(layout);
        var present = Leftovers.Manifests(layout).ToDictionary(manifest => manifest.Version);
        return
        [
            .. present.Values
                .Where(manifest => listed.All(release => release.Version != manifest.Version))
                .OrderBy(manifest => manifest.Version, StringComparer.Ordinal)
                .Select(manifest => new InstalledRelease(manifest.Name, manifest.Version, ReleaseStatus.Unpacked)),
            .. listed.Where(release => present.ContainsKey(release.Version)),
        ];
    }

    /// <summary>Writes the file durably: after a crash it has the old or the new content.</summary>
    public static void Write(ReleaseLayout layout, ImmutableArray<InstalledRelease> releases)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartArray();
            foreach (var release in releases)
            {
                json.WriteStartObject();
                json.WriteString("name", release.Name);
                json.WriteString("version", release.Version);
                json.WriteString("status", Word(release.Status));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        buffer.Write("\n"u8);
        DurableFile.Write(layout.ReleasesFile, buffer.WrittenSpan);
    }

    private static ImmutableArray<InstalledRelease> Listed(ReleaseLayout layout)
    {
        if (!File.Exists(layout.ReleasesFile))
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(layout.ReleasesFile));
            return
            [
                .. document.RootElement.EnumerateArray().Select(release => new InstalledRelease(
                    release.GetProperty("name").GetString()!,
                    release.GetProperty("version").GetString()!,
                    Status(release.GetProperty("status").GetString()))),
            ];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException(
                $"{layout.ReleasesFile} is not a list of releases: {error.Message} " +
                "Remove it: the next start writes a new one, with the release in start.txt as the permanent one.",
                error);
        }
    }

    private static string Word(ReleaseStatus status) => status switch
    {
        ReleaseStatus.Unpacked or ReleaseStatus.Current => "unpacked",
        ReleaseStatus.Permanent => "permanent",
        ReleaseStatus.Old => "old",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "No such status."),
    };

    private static ReleaseStatus Status(string? word) => word switch
    {
        "unpacked" => ReleaseStatus.Unpacked,
        "permanent" => ReleaseStatus.Permanent,
        "old" => ReleaseStatus.Old,
        _ => throw new JsonException($"The status \"{word}\" is not one of unpacked, permanent, old."),
    };
}
