using System.Text.Json;

namespace Midflight.Histories;

/// <summary>Two neighbouring versions of a package, and where their assemblies are.</summary>
/// <param name="Package">The package.</param>
/// <param name="Old">The older version.</param>
/// <param name="Now">The newer version.</param>
/// <param name="OldFiles">The assemblies of the older one.</param>
/// <param name="NowFiles">The assemblies of the newer one.</param>
/// <param name="OldLibraries">The assemblies of what the older one refers to, however far.</param>
/// <param name="NowLibraries">The same of the newer one.</param>
internal sealed record Step(string Package, string Old, string Now, string[] OldFiles, string[] NowFiles, string[] OldLibraries, string[] NowLibraries)
{
    public static Step Parse(string json) => JsonSerializer.Deserialize<Step>(json)!;

    public string ToJson() => JsonSerializer.Serialize(this);

    public override string ToString() => $"{Package} {Old} -> {Now}";
}
