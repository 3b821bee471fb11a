using System.Text;

namespace Midflight.Releases.Packages;

/// <summary>What the next start runs: one line of <c>releases/start.txt</c>, which a shell script can read.</summary>
/// <param name="Release">The version of the release.</param>
/// <param name="Midflight">The version of Midflight that carries it.</param>
/// <param name="Runtime">The version of the .NET that the release includes; null to use the one of the machine.</param>
public sealed record StartFile(string Release, string Midflight, string? Runtime)
{
    // A release that includes no .NET has this in the third place.
    private const string OfTheMachine = "-";

    /// <summary>What a start of the release would run.</summary>
    public static StartFile Of(ReleaseManifest manifest)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        return new(manifest.Version, manifest.Midflight, manifest.IncludedRuntime);
    }

    /// <summary>Reads the line.</summary>
    /// <returns>Null where no release was committed yet.</returns>
    /// <exception cref="InvalidDataException">The file holds something else than three words.</exception>
    public static StartFile? Read(ReleaseLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (!File.Exists(layout.StartFile))
        {
            return null;
        }

        var line = File.ReadAllText(layout.StartFile).Trim();
        return line.Split(' ') is [var release, var midflight, var runtime]
            ? new(release, midflight, runtime == OfTheMachine ? null : runtime)
            : throw new InvalidDataException(
                $"{layout.StartFile} holds \"{line}\" instead of `RELEASE MIDFLIGHT RUNTIME`. " +
                "Write the version to start, the version of lib/midflight-… and `-` into it.");
    }

    /// <summary>Writes the line, durably: after a crash the old one or this one is there.</summary>
    public void Write(ReleaseLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);

        // First, so that at no moment there is nothing to fall back to.
        if (File.Exists(layout.StartFile) && File.ReadAllText(layout.StartFile) is var before && !before.StartsWith(Release + " ", StringComparison.Ordinal))
        {
            DurableFile.Write(layout.StartBeforeFile, Encoding.UTF8.GetBytes(before));
        }

        DurableFile.Write(layout.StartFile, Encoding.UTF8.GetBytes(ToString() + "\n"));
    }

    /// <summary>Lets the next start take the release that was committed before the last one, if it is still there.</summary>
    /// <returns>Its version; null where there is none.</returns>
    public static string? FallBack(ReleaseLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (!File.Exists(layout.StartBeforeFile))
        {
            return null;
        }

        var before = File.ReadAllText(layout.StartBeforeFile).Trim().Split(' ')[0];
        if (before is "" || !File.Exists(layout.BootFile(before)))
        {
            return null;
        }

        File.Move(layout.StartBeforeFile, layout.StartFile, overwrite: true);
        DurableFile.FlushFolder(layout.Releases);
        return before;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Release} {Midflight} {Runtime ?? OfTheMachine}";
}
