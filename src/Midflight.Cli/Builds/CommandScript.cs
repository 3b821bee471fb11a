namespace Midflight.Cli.Builds;

/// <summary>The shell script <c>bin/NAME</c>.</summary>
internal static class CommandScript
{
    public static void Write(string file, string name)
    {
        using var resource = typeof(CommandScript).Assembly.GetManifestResourceStream("release.sh")!;
        using var reader = new StreamReader(resource);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, reader.ReadToEnd().Replace("@NAME@", name, StringComparison.Ordinal));
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, File.GetUnixFileMode(file)
                | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }
    }
}
