using System.IO.Compression;
using Midflight.Fuzz;
using Midflight.Releases.Packages;

namespace Midflight.Releases.Tests.Packages;

/// <summary>Whatever a package holds, it is refused and nothing has changed, or each of its files is in place as its manifest says, and no other.</summary>
public sealed class PackageMutationTests
{
    // Of names, of numbers in the head of an entry, of a manifest.
    private static readonly string[] s_values =
    [
        "../", "/etc/passwd", "lib/..", "releases/0.1.0/manifest.json", "bin/other", "\0", "7777777\0", "77777777777\0", "-1", "L", "x", "5", "\\ud800", "\"files\":{}", "../../../../x",
        "paxheader/size=99999999999\n", "1e999", "0.1.0/../..", "demo", "\u00e4\ud83d\ude00",
    ];

    [Fact]
    public void A_mutated_package_is_refused_or_whole() => Survive(600);

    [Fact]
    [Trait("Category", "Soak")]
    public void A_million_mutated_packages_are_refused_or_whole() => Survive(Mutant.Many);

    private static void Survive(int count)
    {
        var fixture = new PackageFixture();

        try
        {
            var package = fixture.Pack("0.1.0");
            File.Delete(package + ".sha256");
            var zipped = File.ReadAllBytes(package);
            var tar = Unzipped(zipped);
            var before = Others(fixture, package);

            for (var number = 0; number < count; number++)
            {
                var random = Mutant.Chance(number);

                // What the check sum of gzip would find at once, now and then; mostly what comes behind that.
                File.WriteAllBytes(package, random.Next(5) == 0 ? Mutant.Of(zipped, random, s_values) : Zipped(Mutant.Of(tar, random, s_values)));

                switch (fixture.Unpack("0.1.0"))
                {
                    case UnpackResult.Refused(var why):
                        Assert.NotEmpty(why.ToString());
                        Assert.True(before.SequenceEqual(Others(fixture, package)), $"{Mutant.Name(number)}: it was refused, and something has changed: {why}");
                        break;
                    case UnpackResult.Done(var manifest):
                        foreach (var (path, digest) in manifest.Files)
                        {
                            Assert.True(FileDigest.Of(Path.Combine(fixture.Node.Root, path)) == digest, $"{Mutant.Name(number)}: {path} is another file than the manifest says.");
                        }

                        var places = Others(fixture, package).Except(before).Select(line => line.Split(' ')[0]).Where(path => path.StartsWith("node/", StringComparison.Ordinal));
                        Assert.True(places.All(path => path["node/".Length..].Split('/')[0] is "bin" or "lib" or "releases"), $"{Mutant.Name(number)}: a file lies elsewhere.");
                        fixture.Dispose();
                        fixture = new();
                        package = fixture.Pack("0.1.0");
                        File.Delete(package + ".sha256");
                        before = Others(fixture, package);
                        break;
                }
            }
        }
        finally
        {
            fixture.Dispose();
        }
    }

    private static string[] Others(PackageFixture fixture, string package) =>
        [.. fixture.Everything().Where(line => !line.Contains(Path.GetFileName(package), StringComparison.Ordinal))];

    private static byte[] Unzipped(byte[] zipped)
    {
        using var from = new GZipStream(new MemoryStream(zipped), CompressionMode.Decompress);
        using var to = new MemoryStream();
        from.CopyTo(to);
        return to.ToArray();
    }

    private static byte[] Zipped(byte[] tar)
    {
        using var to = new MemoryStream();

        using (var zip = new GZipStream(to, CompressionLevel.Fastest))
        {
            zip.Write(tar);
        }

        return to.ToArray();
    }
}
