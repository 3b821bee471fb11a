using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Midflight.Releases.Packages;

/// <summary>What the file system knows about a file without reading it. Any change of the file changes it.</summary>
/// <remarks>
/// The time of the last change is the system's own (<c>ctime</c>), which no program can set back. So a file with an unchanged stamp is
/// unchanged. Only a file that has changed within the clock's last tick could have the same stamp; such a stamp proves nothing yet.
/// </remarks>
internal static partial class FileStamp
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(2);

    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint Basic = 0x7ff; // STATX_BASIC_STATS

    // struct statx, the same on every processor.
    private const int StructSize = 256;
    private const int Inode = 32;
    private const int Size = 40;
    private const int Changed = 96;
    private const int Modified = 112;

    /// <summary>The stamp of a file; null if it has no reliable one.</summary>
    internal static string? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        Span<byte> stat = stackalloc byte[StructSize];

        try
        {
            if (Statx(CurrentFolder, path, 0, Basic, ref MemoryMarshal.GetReference(stat)) != 0)
            {
                return null;
            }
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }

        var (seconds, part) = Time(stat, Changed);
        var (modified, modifiedPart) = Time(stat, Modified);
        return DateTimeOffset.FromUnixTimeSeconds(seconds) + s_tick > TimeProvider.System.GetUtcNow()
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{BinaryPrimitives.ReadUInt64LittleEndian(stat[Inode..])}-{BinaryPrimitives.ReadUInt64LittleEndian(stat[Size..])}-{seconds}.{part}-{modified}.{modifiedPart}");
    }

    private static (long Seconds, uint Part) Time(ReadOnlySpan<byte> stat, int at) =>
        (BinaryPrimitives.ReadInt64LittleEndian(stat[at..]), BinaryPrimitives.ReadUInt32LittleEndian(stat[(at + sizeof(long))..]));

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, ref byte stat);
}
