using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Midflight.Releases.Packages;

/// <summary>Writes files so that after a crash they have either the old or the new content, never a part of it.</summary>
internal static partial class DurableFile
{
    private const int ForReading = 0x80000; // O_RDONLY | O_CLOEXEC, the same on all of Linux

    /// <summary>Writes a file beside <paramref name="path"/>, flushes it to the disk, and renames it into place.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        Directory.CreateDirectory(folder);
        var temporary = $"{path}.new";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        FlushFolder(folder);
    }

    /// <summary>Makes the names in a folder durable: created, renamed and removed ones.</summary>
    public static void FlushFolder(string folder)
    {
        // .NET opens no folders, so the two calls are made directly. On other systems the rename alone must do.
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var handle = OpenFolder(folder);
        // File systems without such a flush answer EINVAL; nothing can be done about that.
        _ = Fsync(handle);
    }

    /// <summary>Opens a folder, for a flush or to reach what is in it.</summary>
    /// <exception cref="IOException">There is none, or it may not be read.</exception>
    public static SafeFileHandle OpenFolder(string folder)
    {
        var handle = Open(folder, ForReading);
        return !handle.IsInvalid
            ? handle
            : throw new IOException($"Cannot open the folder {folder}: {Marshal.GetLastPInvokeErrorMessage()}.");
    }

    /// <summary>Makes a folder durable with everything in it: flushes the whole file system, which takes seconds where file by file takes minutes.</summary>
    public static void FlushTree(string folder)
    {
        if (OperatingSystem.IsLinux())
        {
            using var handle = OpenFolder(folder);

            if (Syncfs(handle) == 0)
            {
                return;
            }
        }

        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
            stream.Flush(flushToDisk: true);
        }

        foreach (var below in Directory.EnumerateDirectories(folder, "*", SearchOption.AllDirectories))
        {
            FlushFolder(below);
        }

        FlushFolder(folder);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(SafeFileHandle descriptor);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int Syncfs(SafeFileHandle descriptor);
}
