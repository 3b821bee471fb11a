using System.Diagnostics;
using System.Text.Json;

namespace Midflight.Histories;

/// <summary>Restores packages as a program does that refers to them.</summary>
internal static class Packages
{
    /// <summary>Restores every version of every line, and pairs the neighbours.</summary>
    /// <exception cref="InvalidOperationException">A restore failed; the message has its output.</exception>
    public static async Task<IReadOnlyList<Step>> Restore(string file)
    {
        var lines = File.ReadAllLines(file).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 2).ToList();
        var folder = Path.Combine(Path.GetTempPath(), "midflight-histories");
        var projects = lines.SelectMany(words => words.Skip(1).Select(version => (Id: words[0], Version: version))).ToDictionary(package => package, package => Project(folder, package.Id, package.Version));
        var missing = projects.Values.Where(project => !File.Exists(Assets(project))).ToList();

        if (missing.Count > 0)
        {
            // One restore for all: each alone would take nearly as long.
            var all = Path.Combine(folder, "all.slnx");
            File.WriteAllText(all, $"<Solution>{string.Concat(missing.Select(project => $"<Project Path=\"{Path.GetRelativePath(folder, project)}\" />"))}</Solution>");
            await Run("dotnet", "restore", all);
        }

        return [.. lines.SelectMany(words => words.Skip(1).Zip(words.Skip(2)).Select(pair =>
        {
            var (old, now) = (Read(projects[(words[0], pair.First)], words[0]), Read(projects[(words[0], pair.Second)], words[0]));
            return new Step(words[0], pair.First, pair.Second, old.Own, now.Own, old.Libraries, now.Libraries);
        }))];
    }

    private static string Project(string folder, string id, string version)
    {
        var project = Path.Combine(folder, $"{id}-{version}", $"p-{id}-{version}.csproj");
        Directory.CreateDirectory(Path.GetDirectoryName(project)!);

        if (!File.Exists(project))
        {
            File.WriteAllText(project, $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit><NoWarn>$(NoWarn);NU1603;NU1605;NU1701</NoWarn></PropertyGroup>
                  <ItemGroup><PackageReference Include="{id}" Version="{version}" /></ItemGroup>
                </Project>
                """);
        }

        return project;
    }

    private static string Assets(string project) => Path.Combine(Path.GetDirectoryName(project)!, "obj", "project.assets.json");

    private static (string[] Own, string[] Libraries) Read(string project, string id)
    {
        using var assets = JsonDocument.Parse(File.ReadAllText(Assets(project)));
        var root = assets.RootElement.GetProperty("packageFolders").EnumerateObject().First().Name;
        var own = new List<string>();
        var libraries = new List<string>();

        foreach (var library in assets.RootElement.GetProperty("targets").EnumerateObject().First().Value.EnumerateObject())
        {
            if (library.Value.TryGetProperty("runtime", out var runtime))
            {
                var path = assets.RootElement.GetProperty("libraries").GetProperty(library.Name).GetProperty("path").GetString()!;
                var files = runtime.EnumerateObject().Select(file => Path.Combine(root, path, file.Name)).Where(file => file.EndsWith(".dll", StringComparison.Ordinal));
                (library.Name.StartsWith($"{id}/", StringComparison.OrdinalIgnoreCase) ? own : libraries).AddRange(files);
            }
        }

        return ([.. own], [.. libraries]);
    }

    private static async Task Run(string program, params string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"`{program} {string.Join(' ', arguments)}` failed. {output}");
        }
    }
}
