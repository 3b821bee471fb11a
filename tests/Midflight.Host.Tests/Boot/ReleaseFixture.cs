using System.Text.Json;
using Midflight.Releases;
using Midflight.Releases.Packages;

namespace Midflight.Host.Tests;

/// <summary>A release on disk, made of compiled sources.</summary>
internal sealed class ReleaseFixture : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("midflight-");
    private readonly List<(ApplicationSpec Spec, StartType Type)> _applications = [];

    public ReleaseFixture() => Layout = new ReleaseLayout(_root.FullName);

    public ReleaseLayout Layout { get; }

    /// <summary>Adds an application; those added first are loaded and started first.</summary>
    public ReleaseFixture With(string name, string version, string source, string? start, StartType type = StartType.Permanent, params string[] uses)
    {
        var folder = Directory.CreateDirectory(Layout.Library(name, version)).FullName;
        File.WriteAllBytes(Path.Combine(folder, $"{name}.dll"), Compile.Assembly(name, source, version).Bytes);
        var spec = new ApplicationSpec(name, version)
        {
            Modules = start is null ? [] : [new ModuleSpec(start)],
            Applications = [.. uses],
            Mod = start is null ? null : new StartModule(start, JsonDocument.Parse("null").RootElement),
            Env = [KeyValuePair.Create("greeting", JsonDocument.Parse("\"Hello\"").RootElement)],
        };
        File.WriteAllText(Layout.AppFile(name, version), ApplicationFile.Write(spec));
        _applications.Add((spec, type));
        return this;
    }

    /// <summary>Says more of the application added last.</summary>
    public ReleaseFixture Saying(Func<ApplicationSpec, ApplicationSpec> more)
    {
        var (spec, type) = _applications[^1];
        _applications[^1] = (more(spec), type);
        File.WriteAllText(Layout.AppFile(spec.Name, spec.Version), ApplicationFile.Write(_applications[^1].Spec));
        return this;
    }

    /// <summary>Writes the release of these applications.</summary>
    public ReleaseFixture Release(string name, string version, string configuration = "{}")
    {
        Directory.CreateDirectory(Layout.Release(version));
        File.WriteAllText(Layout.ConfigFile(version), configuration);
        File.WriteAllText(Layout.BootFile(version), BootFile.Write(new BootScript(
            name,
            version,
            [.. _applications.Select(item => new BootCode(item.Spec.Name, item.Spec.Version, $"lib/{item.Spec.Name}-{item.Spec.Version}", []))],
            [.. _applications.Select(item => item.Spec.Name)],
            [.. _applications.Where(item => item.Type is not (StartType.Load or StartType.None) && !_applications.Any(other => other.Spec.IncludedApplications.Contains(item.Spec.Name))).Select(item => new BootStart(item.Spec.Name, item.Type))])));
        return this;
    }

    public void Dispose() => _root.Delete(recursive: true);
}
