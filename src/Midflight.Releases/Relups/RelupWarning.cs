namespace Midflight.Releases;

/// <summary>Something unusual about a relup that could be made.</summary>
public abstract record RelupWarning
{
    private RelupWarning() { }

    /// <summary>The two releases run on different runtimes, so the node restarts.</summary>
    /// <param name="Name">Name of the new release, which a downgrade leaves.</param>
    /// <param name="Runtime">Its runtime.</param>
    /// <param name="OtherName">Name of the other release.</param>
    /// <param name="OtherRuntime">Its runtime.</param>
    public sealed record RuntimeChanged(string Name, string Runtime, string OtherName, string OtherRuntime) : RelupWarning;

    /// <summary>An appup was written for another version of its application.</summary>
    /// <param name="Application">Name of the application.</param>
    /// <param name="Appup">The version in the appup.</param>
    /// <param name="Version">The version of the application.</param>
    public sealed record AppupForOtherVersion(string Application, string Appup, string Version) : RelupWarning;

    /// <summary>The release being left is too old to restart first, so it restarts last, in the new code.</summary>
    public sealed record RestartsLast : RelupWarning;

    /// <summary>The complete message for a person, ending with what to do.</summary>
    public sealed override string ToString() => this switch
    {
        RuntimeChanged(var name, var runtime, var otherName, var otherRuntime) =>
            $"{name} runs on {runtime}, {otherName} on {otherRuntime}: the node restarts during the upgrade. " +
            "Build both on one runtime to upgrade without a restart.",
        AppupForOtherVersion(var application, var appup, var version) =>
            $"The appup of {application} {version} is written for {appup}. Correct its version.",
        RestartsLast =>
            "The source release cannot restart before the new code runs, so it restarts at the end. " +
            "Build the new code for the old runtime.",
        _ => throw new InvalidOperationException($"No sentence for {GetType().Name}."),
    };
}
