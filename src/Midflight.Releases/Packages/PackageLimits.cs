using System.Globalization;

namespace Midflight.Releases.Packages;

/// <summary>Limits on the contents of a package: a small file can unpack until the disk is full.</summary>
internal sealed class PackageLimits(string package)
{
    /// <summary>The environment variable that sets how many bytes may be unpacked.</summary>
    internal const string Variable = "MIDFLIGHT_UNPACK_LIMIT";

    private const long DefaultBytes = 1L << 30;
    private const int Entries = 100_000;

    private readonly long _most =
        long.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out var set) ? set : DefaultBytes;

    private long _bytes;
    private int _entries;

    /// <summary>Counts an entry, before it is read.</summary>
    /// <exception cref="PackageRefusedException">There are too many.</exception>
    internal void Count(long bytes)
    {
        _bytes = bytes < 0 || bytes > long.MaxValue - _bytes ? long.MaxValue : _bytes + bytes;

        if (_bytes > _most)
        {
            throw PackageReader.Refuse(new PackageRefusal.TooLarge(package, string.Create(CultureInfo.InvariantCulture, $"{_bytes} bytes and more"), string.Create(CultureInfo.InvariantCulture, $"{_most} bytes")));
        }

        if (++_entries > Entries)
        {
            throw PackageReader.Refuse(new PackageRefusal.TooLarge(package, string.Create(CultureInfo.InvariantCulture, $"more than {Entries} files"), string.Create(CultureInfo.InvariantCulture, $"{Entries}")));
        }
    }
}
