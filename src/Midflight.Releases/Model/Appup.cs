using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>How one application comes to a version from others, and back: OTP's <c>.appup</c>, our <c>NAME.appup.json</c>.</summary>
/// <param name="Version">The version that the instructions lead to, and back from.</param>
/// <param name="Up">Where one can come from; the first entry that matches wins.</param>
/// <param name="Down">Where one can go back to; the first entry that matches wins.</param>
public sealed record Appup(string Version, ImmutableArray<AppupEntry> Up, ImmutableArray<AppupEntry> Down)
{
    /// <summary>The mistakes that reading a file left in the entries; none in an appup that was not read.</summary>
    public IEnumerable<FileError> Mistakes =>
        Up.Concat(Down).SelectMany(entry => entry.From is AppupVersion.Malformed(var error)
            ? [error]
            : entry.Instructions.OfType<Instruction.Malformed>().Select(instruction => instruction.Error));
}

/// <summary>The instructions between the version of an <see cref="Appup"/> and another.</summary>
/// <param name="From">Which other version.</param>
/// <param name="Instructions">What to do, in order; high-level and low-level instructions may be mixed.</param>
public sealed record AppupEntry(AppupVersion From, ImmutableArray<Instruction> Instructions);

/// <summary>Which other versions an entry of an <see cref="Appup"/> is for.</summary>
public abstract record AppupVersion
{
    private AppupVersion() { }

    /// <summary>One version, written out.</summary>
    /// <param name="Version">The version.</param>
    public sealed record Exact(string Version) : AppupVersion;

    /// <summary>Every version that a regular expression matches as a whole, at its first try.</summary>
    /// <param name="Expression">The regular expression.</param>
    public sealed record Pattern(string Expression) : AppupVersion;

    /// <summary>What stands in a file where a version should; it matches nothing.</summary>
    /// <param name="Error">Where it stands, what was found and what was expected.</param>
    public sealed record Malformed(FileError Error) : AppupVersion;
}
