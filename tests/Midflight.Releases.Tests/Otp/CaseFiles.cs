using System.Formats.Tar;
using System.IO.Compression;

namespace Midflight.Releases.Tests.Otp;

/// <summary>The files of the cases, from an archive or a folder, by their path below it.</summary>
internal sealed class CaseFiles
{
    private readonly SortedDictionary<string, ReadOnlyMemory<byte>> _files = new(StringComparer.Ordinal);

    /// <summary>The cases that travel with the tests, or those that <c>MIDFLIGHT_OTP_CASES</c> names.</summary>
    public static CaseFiles Read()
    {
        var place = Environment.GetEnvironmentVariable("MIDFLIGHT_OTP_CASES") is { Length: > 0 } named
            ? named
            : Path.Combine(AppContext.BaseDirectory, "otp", "cases.tar.gz");
        var files = new CaseFiles();
        if (Directory.Exists(place))
        {
            files.ReadFolder(place);
        }
        else
        {
            files.ReadArchive(place);
        }

        return files;
    }

    /// <summary>The cases of one kind, as paths, in order.</summary>
    public IEnumerable<string> Cases(string kind) =>
        from path in _files.Keys
        where path.StartsWith($"{kind}/", StringComparison.Ordinal) && path.EndsWith("/meta.json", StringComparison.Ordinal)
        select path[..^"/meta.json".Length];

    public ReadOnlyMemory<byte>? Find(string path) => _files.TryGetValue(path, out var bytes) ? bytes : default(ReadOnlyMemory<byte>?);

    /// <summary>The folders of code below a library, in order.</summary>
    public IEnumerable<string> CodeFolders(string library) =>
        (from path in _files.Keys
         where path.StartsWith($"{library}/", StringComparison.Ordinal)
         let parts = path[(library.Length + 1)..].Split('/')
         where parts is [_, "ebin", _]
         select $"{library}/{parts[0]}/ebin").Distinct();

    private void ReadFolder(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            _files[Path.GetRelativePath(folder, file).Replace('\\', '/')] = File.ReadAllBytes(file);
        }
    }

    private void ReadArchive(string archive)
    {
        using var stream = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
        using var tar = new TarReader(stream);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile)
            {
                using var bytes = new MemoryStream();
                entry.DataStream?.CopyTo(bytes);
                _files[entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name] = bytes.ToArray();
            }
        }
    }
}
