using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>How to upgrade one application to a version and how to go back: OTP's <c>.appup</c>, our <c>NAME.appup.json</c>.</summary>
/// <param name="Version">The version that the instructions lead to, and back from.</param>
/// <param name="Up">The versions to upgrade from; the first matching entry wins.</param>
/// <param name="Down">The versions to go back to; the first matching entry wins.</param>
public sealed record Appup(string Version, ImmutableArray<AppupEntry> Up, ImmutableArray<AppupEntry> Down)
{
    /// <summary>The errors found in the entries when the file was read; none for an appup that was not read.</summary>
    public IEnumerable<FileError> Mistakes =>
        Up.Concat(Down).SelectMany(entry => entry.From is AppupVersion.Malformed(var error)
            ? [error]
            : entry.Instructions.OfType<Instruction.Malformed>().Select(instruction => instruction.Error));
}

/// <summary>The instructions between the version of an <see cref="Appup"/> and another version.</summary>
/// <param name="From">The other version.</param>
/// <param name="Instructions">What to do, in order; high-level and low-level instructions may be mixed.</param>
public sealed record AppupEntry(AppupVersion From, ImmutableArray<Instruction> Instructions);

/// <summary>The other versions that an entry of an <see cref="Appup"/> is for.</summary>
public abstract record AppupVersion
{
    private AppupVersion() { }

    /// <summary>One exact version.</summary>
    /// <param name="Version">The version.</param>
    public sealed record Exact(string Version) : AppupVersion;

    /// <summary>Every version that a regular expression matches completely with its first match.</summary>
    /// <param name="Expression">The regular expression.</param>
    public sealed record Pattern(string Expression) : AppupVersion;

    /// <summary>Something in a file in place of a version; it matches nothing.</summary>
    /// <param name="Error">Where it is, what was found and what was expected.</param>
    public sealed record Malformed(FileError Error) : AppupVersion;
}
