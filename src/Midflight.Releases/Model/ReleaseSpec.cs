using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>A named, versioned set of applications: OTP's <c>.rel</c>, our <c>NAME.rel.json</c>.</summary>
/// <param name="Name">Name of the release.</param>
/// <param name="Version">Its version.</param>
/// <param name="Runtime">Version of the runtime that it needs: OTP's ERTS version.</param>
/// <param name="Applications">Its applications, in the order written.</param>
public sealed record ReleaseSpec(
    string Name, string Version, string Runtime, ImmutableArray<ReleaseApplication> Applications);

/// <summary>An application as a release lists it.</summary>
/// <param name="Name">Name of the application.</param>
/// <param name="Version">The version that belongs to the release.</param>
/// <param name="Type">How it is started.</param>
/// <param name="Included">
/// The applications that it includes, if the release restricts the application's own list; null leaves that as it is.
/// </param>
public sealed record ReleaseApplication(
    string Name, string Version, StartType Type = StartType.Permanent, ImmutableArray<string>? Included = null);
