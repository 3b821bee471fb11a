using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>The code server as processes see it: OTP's module code.</summary>
public sealed class CodeApiTests
{
    private const string Source = """
        public static class Waiter
        {
            public static async ProcessTask Wait(Pid tester)
            {
                await Process.Receive();
                Process.Send(tester, VERSION);
            }
        }

        public static class Other
        {
            public static int Same() => 5;
        }
        """;

    private static ApplicationImage Cv(int version) => Compile.Application("cv", Source.Replace("VERSION", $"{version}", StringComparison.Ordinal), $"0.{version}.0");

    [Fact]
    public async Task Code_that_is_loaded_is_told_with_its_versions_and_modules()
    {
        await using var node = new TestNode();

        await node.Run(async () =>
        {
            Assert.Empty(Midflight.Code.AllLoaded());
            Assert.False(Midflight.Code.IsLoaded("cv"));
            await node.Load(Cv(1));
            await node.Load(Cv(2));
            var loaded = Assert.Single(Midflight.Code.AllLoaded());
            Assert.Equal(("cv", "cv 0.2.0 (#2)", "cv 0.1.0 (#1)"), (loaded.Application, loaded.Current, loaded.Old));
            Assert.Equal(["Other", "Waiter"], loaded.Modules);
            Assert.Equal("cv", Midflight.Code.Which("Waiter")?.Application);
            Assert.Null(Midflight.Code.Which("Nobody"));
            Assert.True(Midflight.Code.IsLoaded("cv"));
            Assert.False(await Midflight.Code.Delete("cv"));
            Assert.True(await Midflight.Code.SoftPurge("cv"));
            Assert.True(await Midflight.Code.Delete("cv"));
            Assert.False(Midflight.Code.IsLoaded("cv"));
        });
    }

    [Fact]
    public async Task A_soft_purge_leaves_who_uses_old_code_and_a_purge_kills_them()
    {
        await using var node = new TestNode();

        await node.Run(async () =>
        {
            Assert.True(await Midflight.Code.SoftPurge("cv"));
            Assert.False(await Midflight.Code.Purge("cv"));
            await node.Load(Cv(1));
            var user = Hot.Begun(Process.Spawn(node.Module("Waiter").GetMethod("Wait")!.CreateDelegate<Func<Pid, ProcessTask>>(), Process.Self));
            await node.Load(Cv(2));
            Assert.False(await Midflight.Code.SoftPurge("cv"));
            Assert.True(user.IsAlive);
            Assert.True(await Midflight.Code.Purge("cv"));
            Assert.False(user.IsAlive);
            Assert.False(await Midflight.Code.Purge("cv"));
            Assert.Null(Assert.Single(Midflight.Code.AllLoaded()).Old);
        });
    }

    [Fact]
    public async Task Modified_modules_are_those_whose_file_has_changed()
    {
        var folder = Directory.CreateTempSubdirectory("cv");
        await using var node = new TestNode();

        try
        {
            var file = Path.Combine(folder.FullName, "cv.dll");
            await File.WriteAllBytesAsync(file, Cv(1).Assemblies[0].Bytes);
            await node.Load(Cv(1) with { Folder = folder.FullName });

            await node.Run(async () =>
            {
                Assert.Empty(Midflight.Code.ModifiedModules());
                await File.WriteAllBytesAsync(file, Cv(2).Assemblies[0].Bytes);
                Assert.Equal(["Waiter"], Midflight.Code.ModifiedModules());
                await node.Load(Cv(2) with { Folder = folder.FullName });
                Assert.Empty(Midflight.Code.ModifiedModules());
                File.Delete(file);
                Assert.Empty(Midflight.Code.ModifiedModules());
            });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_purge_while_an_upgrade_is_under_way_is_refused()
    {
        await using var node = new TestNode();
        node.Code.Alone = (action, _) => throw new ReleaseRefusedException(new ReleaseRefusal.Busy($"not now ({action})"));

        await node.Run(async () =>
        {
            Assert.Contains("not now (purging cv)", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await Midflight.Code.SoftPurge("cv"))).Message);
            Assert.Contains("not now (deleting cv)", (await Assert.ThrowsAsync<InvalidOperationException>(async () => await Midflight.Code.Delete("cv"))).Message);
        });
    }
}
