using System.Collections.Immutable;
using System.Text;

namespace Midflight.Releases.Tests.Relups;

/// <summary>Small releases, written as files are.</summary>
internal static class Some
{
    public static ApplicationSpec Application(string name, string version, params ImmutableArray<string> modules) =>
        new(name, version) { Modules = [.. modules.Select(module => new ModuleSpec(module))] };

    public static ReleaseSpec Release(string version, params ImmutableArray<ApplicationSpec> applications) =>
        new("demo", version, "10.0", [.. applications.Select(application => new ReleaseApplication(application.Name, application.Version))]);

    public static ImmutableArray<ReleasedApplication> Released(params ImmutableArray<ApplicationSpec> applications) =>
        [.. applications.Select(application => new ReleasedApplication(application, StartType.Permanent, $"lib/{application.Name}-{application.Version}"))];

    /// <summary>Instructions as an appup has them; quotes are single here.</summary>
    public static ImmutableArray<Instruction> Instructions(string list) => Appup(list, "").Up[0].Instructions;

    public static Appup Appup(string up, string down)
    {
        var text = $"{{'version':'2.0','up':[{{'from':'1.0','instructions':[{up}]}}],'down':[{{'from':'1.0','instructions':[{down}]}}]}}";
        Assert.True(AppupFile.Read("a.appup.json", Encoding.UTF8.GetBytes(text.Replace('\'', '"'))).Succeeded(out var appup, out var error), error?.ToString());
        return appup;
    }

    public static IEnumerable<string> Script(ScriptOutcome outcome) =>
        Assert.IsType<ScriptOutcome.Translated>(outcome).Instructions.Select(step => step.ToString().Replace('"', '\''));
}
