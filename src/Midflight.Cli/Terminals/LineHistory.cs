namespace Midflight.Cli.Terminals;

/// <summary>The typed lines, kept from one shell to the next in a file that only its owner can read.</summary>
/// <remarks>Shells that run at the same time add to one file, line by line. If it cannot be read or written, lines are kept until the shell ends.</remarks>
internal sealed class LineHistory
{
    // The number of lines that the file is cut to when it is opened.
    private const int Most = 1000;

    private readonly string _file;
    private readonly List<string> _lines = [];

    /// <summary>Reads the lines typed before.</summary>
    /// <param name="file">It need not exist.</param>
    public LineHistory(string file)
    {
        _file = file;
        Try(() =>
        {
            if (!File.Exists(file))
            {
                return;
            }

            var all = File.ReadAllLines(file);
            _lines.AddRange(all.TakeLast(Most));

            if (all.Length > 2 * Most)
            {
                var next = $"{file}.{Environment.ProcessId}";
                Write(next, FileMode.Create, _lines);
                File.Move(next, file, overwrite: true);
            }
        });
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>The history of this user: <c>midflight/history</c> in <c>$XDG_STATE_HOME</c>, by default <c>~/.local/state</c>.</summary>
    public static LineHistory OfUser()
    {
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } given
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
        return new(Path.Combine(state, "midflight", "history"));
    }

    /// <summary>Adds a line, unless it is empty, repeats the previous one, or starts with a space: so a secret can be kept out.</summary>
    public void Add(string line)
    {
        if (string.IsNullOrWhiteSpace(line) || line.StartsWith(' ') || (_lines.Count > 0 && _lines[^1] == line))
        {
            return;
        }

        _lines.Add(line);
        Try(() =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
            Write(_file, FileMode.Append, [line]);
        });
    }

    private static void Write(string file, FileMode mode, IEnumerable<string> lines)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = FileShare.ReadWrite };

        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var text = new StreamWriter(new FileStream(file, options));

        foreach (var line in lines)
        {
            text.Write(line + "\n");
        }
    }

    private static void Try(Action step)
    {
        try
        {
            step();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
        }
    }
}
