using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace EndToEnd.Tests;

[Trait("Category", "EndToEnd")]
public sealed class PackageTests
{
    [Fact]
    public Task A_broken_package_is_refused_and_leaves_nothing_behind() => Scene.Play(Releases.Octochat("0.1.0"), async octochat =>
    {
        await octochat.Start();
        var good = await Releases.Octochat("0.2.0");
        var package = Path.Combine(octochat.Root, Path.GetFileName(good));
        var before = Files(octochat);

        (string Expect, Action<List<TarEntry>> Break)[] cases =
        [
            ("Octochat.dll", entries => Content(entries, "lib/octochat-0.2.0/Octochat.dll")[^1] ^= 1),
            ("Octochat.dll", entries => entries.RemoveAll(entry => entry.Name.EndsWith("octochat-0.2.0/Octochat.dll", StringComparison.Ordinal))),
            ("../evil", entries => entries.Add(File("../evil", "evil"))),
            ("/tmp/midflight-evil", entries => entries.Add(File("/tmp/midflight-evil", "evil"))),
            ("surplus", entries => entries.Add(File("lib/octochat-0.2.0/surplus", "surplus"))),
            ("link", entries => entries.Add(new PaxTarEntry(TarEntryType.SymbolicLink, "lib/link") { LinkName = "/etc" })),
        ];

        foreach (var (expect, @break) in cases)
        {
            Rewrite(good, package, @break);
            Assert.Contains(expect, await octochat.Fail("unpack", "0.2.0"), StringComparison.Ordinal);
            System.IO.File.Delete(package);
            Assert.Equal(before, Files(octochat));
        }

        System.IO.File.WriteAllBytes(package, System.IO.File.ReadAllBytes(good)[..^1000]);
        await octochat.Fail("upgrade", "0.2.0");
        System.IO.File.Delete(package);
        Assert.Equal(before, Files(octochat));

        // The node is none the worse for it.
        await octochat.Upgrade(good);
        await using var crowd = await Crowd.Connect(octochat.Port, talking: 2, idle: 2);
        await crowd.Answers(2);
    });

    private static string[] Files(Installation installation) =>
    [
        .. Directory.EnumerateFileSystemEntries(installation.Root, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(installation.Root, path))
            .Where(path => !path.StartsWith("run", StringComparison.Ordinal) && path != "releases/journal.json")
            .Order(StringComparer.Ordinal),
    ];

    private static void Rewrite(string good, string broken, Action<List<TarEntry>> @break)
    {
        using var input = new GZipStream(System.IO.File.OpenRead(good), CompressionMode.Decompress);
        using var reader = new TarReader(input);
        var entries = new List<TarEntry>();

        while (reader.GetNextEntry(copyData: true) is { } entry)
        {
            entries.Add(entry);
        }

        @break(entries);
        using var output = new GZipStream(System.IO.File.Create(broken), CompressionLevel.Fastest);
        using var writer = new TarWriter(output);
        entries.ForEach(writer.WriteEntry);
    }

    private static byte[] Content(List<TarEntry> entries, string name)
    {
        var entry = entries.Single(entry => entry.Name.TrimStart('.', '/') == name);
        var copy = new MemoryStream();
        entry.DataStream!.CopyTo(copy);
        var content = copy.ToArray();
        entry.DataStream = new MemoryStream(content);
        return content;
    }

    private static PaxTarEntry File(string name, string content) =>
        new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };
}
