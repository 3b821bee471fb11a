using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>Applications that refer to each other, and the packages that they bring.</summary>
public sealed class DependencyTests
{
    private static ApplicationImage Config(int limit) =>
        Compile.Application("config", $"public sealed record Limits(int Most); public static class Config {{ public static Limits Limits() => new({limit}); }}", $"0.{limit}.0");

    private static ApplicationImage User(ApplicationImage config) => Compile.Application("user", """
        public sealed class User : GenServer<Limits>
        {
            protected override Started<Limits> Init(object? argument) => Config.Limits();

            protected override Answer<Limits> HandleCall(object request, Limits state) => Reply($"{state.Most}, {Config.Limits().Most}", state);
        }
        """, uses: config);

    [Fact]
    public async Task An_application_that_refers_to_a_changed_one_is_loaded_again_with_it_in_whatever_order_they_are_given()
    {
        await using var node = new TestNode();
        var config = Config(1);
        await node.Load(User(config), config, Compile.Application("apart", "public static class Apart;"));

        await node.Run(async () =>
        {
            var user = await GenServer.Start(node.Module("User"));
            Assert.Equal("1, 1", await GenServer.Call<string>(user, "limits"));

            await node.Load(Config(2));

            Assert.Equal("1, 2", await GenServer.Call<string>(user, "limits"));
            Assert.Equal("config 0.2.0 (#2)", node.Code.Find("config")!.Current!.ToString());
            Assert.Equal("user 0.1.0 (#2)", node.Code.Find("user")!.Current!.ToString());
            Assert.Equal("apart 0.1.0 (#1)", node.Code.Find("apart")!.Current!.ToString());
        });
    }

    [Fact]
    public async Task A_process_of_an_old_version_uses_the_old_versions_that_this_refers_to()
    {
        await using var node = new TestNode();
        var config = Config(1);
        await node.Load(config, Compile.Application("user", """
            public static class User
            {
                public static async ProcessTask Wait(Pid tester)
                {
                    await Process.Receive();
                    Process.Send(tester, Config.Limits().Most);
                }
            }
            """, uses: config));

        await node.Run(async () =>
        {
            var process = Hot.Begun(Process.Spawn(node.Module("User").GetMethod("Wait")!.CreateDelegate<Func<Pid, ProcessTask>>(), Process.Self));
            await node.Load(Config(2));

            var soft = await node.Code.Purge("config", PurgeMethod.Soft);
            Assert.Equal($"{process} (User of user 0.1.0 (#1)) runs a function of it", Assert.Single(soft.Users).ToString());

            Process.Send(process, "go");
            Assert.Equal(1, await Process.Receive());
            Assert.Equal(2, (await node.Code.Purge("config", PurgeMethod.Soft)).Versions.Length);
            Assert.Null(node.Code.Find("user")!.Old);
        });
    }

    [Fact]
    public async Task A_package_that_does_not_change_is_shared_by_versions_and_one_that_does_is_not()
    {
        await using var node = new TestNode();
        var inner = Compile.Assembly("Inner", "public static class Inner { public static int Number => 1; }");
        var package = Compile.Assembly("Package", "public sealed record Parcel(int Weight) { public int Number => Inner.Number; }", references: inner);
        ApplicationImage App(AssemblyImage package, AssemblyImage inner, string version) => new(
            "app", version, [Compile.Assembly("app", "public static class App { public static object New() => new Parcel(7); }", version, package)])
        {
            Libraries = [package, inner],
        };

        await node.Load(App(package, inner, "0.1.0"));
        var first = Hot.Call(node, "App", "New")!;
        await node.Load(App(package, inner, "0.2.0"));
        var second = Hot.Call(node, "App", "New")!;
        await node.Load(App(package, Compile.Assembly("Inner", "public static class Inner { public static int Number => 2; }"), "0.3.0"));
        var third = Hot.Call(node, "App", "New")!;

        Assert.Equal(first, second);
        Assert.Equal(1, second.GetType().GetProperty("Number")!.GetValue(second));
        Assert.NotEqual(second.GetType(), third.GetType());
        Assert.Equal(2, third.GetType().GetProperty("Number")!.GetValue(third));
    }

    [Fact]
    public async Task The_file_on_disk_can_be_removed_while_its_code_runs()
    {
        await using var node = new TestNode();
        var folder = Directory.CreateTempSubdirectory();
        var file = Path.Combine(folder.FullName, "cv.dll");
        await File.WriteAllBytesAsync(file, Compile.Assembly("cv", TwoVersionsTests.Cv(1)).Bytes);
        await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "Package.dll"), Compile.Assembly("Package", "public static class Package;").Bytes);
        await File.WriteAllTextAsync(Path.Combine(folder.FullName, "native.dll"), "no assembly");

        var image = ApplicationFolder.Read(folder.FullName, new ApplicationSpec("cv", "0.1.0") { Modules = [new("Cv", "vsn of the release")] });
        folder.Delete(recursive: true);
        await node.Load(image);

        Assert.Equal(1, Hot.Call(node, "Cv", "Vsn"));
        Assert.Equal("vsn of the release", node.Code.Find("cv")!.Current!.Vsn("Cv"));
        Assert.Equal("Package", Assert.Single(image.Libraries).Name);
    }
}
