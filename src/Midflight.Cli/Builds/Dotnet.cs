using System.Runtime.InteropServices;

namespace Midflight.Cli.Builds;

/// <summary>The .NET that runs this command.</summary>
internal static class Dotnet
{
    /// <summary>The folder that holds <c>dotnet</c>, <c>host</c> and <c>shared</c>.</summary>
    // The runtime is in ROOT/shared/Microsoft.NETCore.App/VERSION/.
    public static string Root { get; } = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    /// <summary>The program <c>dotnet</c>.</summary>
    public static string Command => Path.Combine(Root, "dotnet") is var command && File.Exists(command) ? command : "dotnet";

    /// <summary>The version of .NET.</summary>
    public static Version Version => Environment.Version;
}
