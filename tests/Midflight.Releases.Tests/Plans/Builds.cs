using System.Text;
using Midflight.Releases.Plans;
using Midflight.Releases.Tests.Shapes;

namespace Midflight.Releases.Tests.Plans;

/// <summary>Releases of one application, compiled from sources.</summary>
internal static class Builds
{
    private static readonly System.Collections.Immutable.ImmutableArray<byte> s_midflight = Sources.Compile("Midflight", [
        "namespace Midflight; public abstract class GenServer<T>; public abstract class Supervisor; public abstract class DynamicSupervisor; public abstract class Application;"]);

    public static ReleaseImage Release(string version, string source, string? appup = null)
    {
        var assembly = AssemblyFile.Read(Sources.Compile("app", [source], s_midflight));
        var modules = new CodeSet([assembly]).Modules("app").Where(module => module is { Kind: not ModuleKind.Other, IsAbstract: false });
        var spec = new ApplicationSpec("app", version) { Modules = [.. modules.Select(module => new ModuleSpec(module.Name, module.Vsn))] };
        return new(
            new("demo", version, "10.0", [new("app", version)]),
            [new ApplicationCode(spec, [assembly]) { Appup = appup is null ? null : Appup(appup) }]);
    }

    private static Appup Appup(string text)
    {
        Assert.True(AppupFile.Read("app.appup.json", Encoding.UTF8.GetBytes(text.Replace('\'', '"'))).Succeeded(out var appup, out var error), error?.ToString());
        return appup;
    }
}
