using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Midflight.Host;

/// <summary>A file to which lines are added. When it is full, it is renamed to <c>FILE.1</c>, the previous <c>FILE.1</c> to <c>FILE.2</c> and so on, and a new one is started.</summary>
/// <remarks>
/// The log of a background node is also its standard output and error, so that .NET's last words are in it. So those are redirected to the new
/// file, too. 16 MiB and five old files, or as set by MIDFLIGHT_LOG_BYTES and MIDFLIGHT_LOG_FILES.
/// </remarks>
internal sealed class RotatedFile : TextWriter
{
    private const int Output = 1;
    private const int Error = 2;

    private static readonly UTF8Encoding s_utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly string _path;
    private readonly bool _isOutput;
    private readonly long _most;
    private readonly int _old;
    private SafeFileHandle _file;

    /// <param name="path">The file.</param>
    /// <param name="isOutput">Whether standard output and error are this file.</param>
    /// <param name="most">Bytes of a full file; null for the environment's setting.</param>
    /// <param name="old">How many full files are kept; null for the environment's setting.</param>
    internal RotatedFile(string path, bool isOutput, long? most = null, int? old = null)
    {
        (_path, _isOutput) = (path, isOutput);
        _most = most ?? Setting("MIDFLIGHT_LOG_BYTES", 16 << 20);
        _old = old ?? (int)Math.Min(Setting("MIDFLIGHT_LOG_FILES", 5), 1000);
        _file = Open();
    }

    /// <summary>The log of a node whose standard output goes there; null if it goes elsewhere: a terminal, a journal.</summary>
    internal static RotatedFile? OfOutput(string path)
    {
        try
        {
            return OperatingSystem.IsLinux() && File.ResolveLinkTarget("/proc/self/fd/1", returnFinalTarget: false)?.FullName == Path.GetFullPath(path)
                ? new(path, isOutput: true)
                : null;
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public override Encoding Encoding => s_utf8;

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void WriteLine(string? value) => Write($"{value}\n");

    public override void Write(ReadOnlySpan<char> buffer)
    {
        var bytes = new byte[s_utf8.GetMaxByteCount(buffer.Length)];
        var line = bytes.AsSpan(0, s_utf8.GetBytes(buffer, bytes));

        if (RandomAccess.GetLength(_file) is > 0 and var length && length + line.Length > _most)
        {
            Rotate();
        }

        // At the end, wherever that is by now.
        RandomAccess.Write(_file, line, RandomAccess.GetLength(_file));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    // A crash between two of the renames leaves a number out; the next rotation uses it again.
    private void Rotate()
    {
        for (var number = _old; number > 0; number--)
        {
            var from = number == 1 ? _path : Numbered(number - 1);

            if (File.Exists(from))
            {
                File.Move(from, Numbered(number), overwrite: true);
            }
        }

        if (_old == 0)
        {
            File.Delete(_path);
        }

        var full = _file;
        _file = Open();
        full.Dispose();

        if (_isOutput)
        {
            _ = Duplicate(_file, Output);
            _ = Duplicate(_file, Error);
        }
    }

    private string Numbered(int number) => string.Create(CultureInfo.InvariantCulture, $"{_path}.{number}");

    // Others append to it too: .NET, and the command that starts the node. All of them append, so nobody overwrites another.
    private SafeFileHandle Open()
    {
        if (!OperatingSystem.IsLinux())
        {
            return File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        }

        const int ToAdd = 0x80441; // O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
        const int Mine = 0x1A0; // 0640
        var file = Open(_path, ToAdd, Mine);
        return !file.IsInvalid ? file : throw new IOException($"Cannot open the log {_path}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}.");
    }

    private static long Setting(string name, long otherwise) =>
        long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var set) ? set : otherwise;

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern SafeFileHandle Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, int mode);

    [DllImport("libc", EntryPoint = "dup2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Duplicate(SafeHandle from, int to);
}
