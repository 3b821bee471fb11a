using Midflight.Releases.Packages;

namespace Midflight.Host.Tests;

/// <summary>Scenarios of OTP: unpacking and removing releases.</summary>
public sealed class LifeTests
{
    private static string[] Folders(Scene scene) =>
        [.. Directory.EnumerateDirectories(scene.Folder.Layout.Libraries).Concat(Directory.EnumerateDirectories(scene.Folder.Layout.Releases))
            .Select(folder => Path.GetRelativePath(scene.Folder.Layout.Root, folder)).Order(StringComparer.Ordinal)];

    // OTP: a bad .rel is left behind, and a file that is no package is told as one that is missing.
    [Fact]
    [Scenario(56, "unpack_release that fails")]
    public async Task An_unpack_that_is_refused_says_why_and_leaves_nothing_behind()
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2));
        await scene.Handler.Unpack("2");
        var before = Folders(scene);
        var package = Path.Combine(scene.Folder.Layout.Root, ReleaseLayout.PackageName("demo", "3"));
        await File.WriteAllTextAsync(package, "no tar file");

        Assert.Contains("demo-9.tar.gz", await Scene.Refused(() => scene.Handler.Unpack("9")), StringComparison.Ordinal);
        Assert.StartsWith("Release 2 is already there.", await Scene.Refused(() => scene.Handler.Unpack("2")), StringComparison.Ordinal);
        Assert.Contains("demo-3.tar.gz", await Scene.Refused(() => scene.Handler.Unpack("3")), StringComparison.Ordinal);
        File.Copy(Path.Combine(scene.Folder.Layout.Root, ReleaseLayout.PackageName("demo", "2")), package, overwrite: true);
        Assert.Contains("demo 2", await Scene.Refused(() => scene.Handler.Unpack("3")), StringComparison.Ordinal);

        Assert.Equal(before, Folders(scene));
        Assert.Equal("2:unpacked 1:permanent", scene.Statuses);
    }

    // OTP: existing files win over the package, whatever is in them.
    [Fact]
    [Scenario(57, "unpack_release does not overwrite")]
    public async Task A_folder_of_an_application_that_is_there_with_other_files_refuses_the_package()
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2));
        var file = Path.Combine(Directory.CreateDirectory(scene.Folder.Layout.Library("demo", "2")).FullName, "demo.dll");
        await File.WriteAllTextAsync(file, "mine");

        Assert.Contains("demo-2", await Scene.Refused(() => scene.Handler.Unpack("2")), StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(file));
        Assert.Equal("1:permanent", scene.Statuses);
    }

    // OTP: the current release can be removed as well; its files go, and its code runs on.
    [Fact]
    [Scenario(62, "remove_release")]
    public async Task Removing_a_release_keeps_the_applications_that_another_needs_and_it_can_be_unpacked_again()
    {
        var library = ("lib 1.0", "public static class Words { public static string Hello() => \"Hello\"; }");
        await using var scene = await Scene.Of([[Demo.Lone(1), library], [Demo.Lone(2), library]], null);
        await scene.Handler.Unpack("2");
        await scene.Handler.Remove("2");
        Assert.Equal(["lib/demo-1", "lib/lib-1.0", "lib/midflight-1.0.0", "releases/1"], Folders(scene));
        Assert.Equal("1:permanent", scene.Statuses);

        await scene.Handler.Unpack("2");
        await scene.Install("2");
        Assert.StartsWith("Release 2 is current, so it cannot be removed.", await Scene.Refused(() => scene.Handler.Remove("2")), StringComparison.Ordinal);
        Assert.Equal(["lib/demo-1", "lib/demo-2", "lib/lib-1.0", "lib/midflight-1.0.0", "releases/1", "releases/2"], Folders(scene));
    }

    // OTP: without a relup for the pair nothing can be installed; the error names the file of the running release.
    [Fact]
    [Scenario(65, "No relup, no matching relup, broken relup")]
    public async Task Without_a_relup_for_the_pair_the_way_is_planned_and_a_broken_one_is_refused()
    {
        await using var scene = await Scene.Of(Demo.Lone(1), Demo.Lone(2));
        await scene.Handler.Unpack("2");
        var file = scene.Folder.Layout.RelupFile("2");
        Assert.False(File.Exists(file));
        await scene.Handler.Check("2");
        await scene.Folder.Relup("2", "7", [], []);
        await scene.Handler.Check("2");

        await File.WriteAllTextAsync(file, "nonsense");
        Assert.StartsWith($"{file}", await Scene.Refused(() => scene.Handler.Check("2")), StringComparison.Ordinal);
        Assert.StartsWith($"{file}", await Scene.Refused(() => scene.Install("2")), StringComparison.Ordinal);
        Assert.Equal("2:unpacked 1:permanent", scene.Statuses);

        File.Delete(file);
        await scene.Install("2");
        Assert.Equal("2:current 1:permanent", scene.Statuses);
    }
}
