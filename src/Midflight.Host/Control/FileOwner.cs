using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Midflight.Host.Control;

/// <summary>Whose a file is, as the system numbers its users.</summary>
internal static class FileOwner
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint Basic = 0x7ff; // STATX_BASIC_STATS
    private const int StructSize = 256;
    private const int User = 20; // stx_uid
    private const int MayExecute = 1; // X_OK

    /// <summary>The owner of a file; null where there is none, or the system does not say.</summary>
    internal static int? Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        var stat = new byte[StructSize];
        return Statx(CurrentFolder, path, 0, Basic, stat) == 0 ? BinaryPrimitives.ReadInt32LittleEndian(stat.AsSpan(User)) : null;
    }

    internal static bool IsMine(int user) => user == EffectiveUser();

    /// <summary>Whether this user sees what is in a folder.</summary>
    internal static bool MayEnter(string folder) => Access(folder, MayExecute) == 0;

    [DllImport("libc", EntryPoint = "geteuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int EffectiveUser();

    [DllImport("libc", EntryPoint = "access", CharSet = CharSet.Ansi, BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Access([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);

    [DllImport("libc", EntryPoint = "statx", CharSet = CharSet.Ansi, BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Statx(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] stat);
}
