namespace Midflight.Releases;

/// <summary>A release from which one comes, or to which one goes back.</summary>
/// <param name="Name">What names it among the bases: its file, or its version.</param>
/// <param name="Release">What came of reading it.</param>
/// <param name="Description">What the relup says of the way. Default: nothing.</param>
public sealed record RelupBase(string Name, FileRead<ReleaseSpec> Release, string Description = "");
