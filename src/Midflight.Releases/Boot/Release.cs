using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>A release whose applications have been found, checked and put in order.</summary>
/// <param name="Spec">The release's specification.</param>
/// <param name="Applications">Its applications; dependencies come first.</param>
public sealed record Release(ReleaseSpec Spec, ImmutableArray<ReleasedApplication> Applications)
{
    /// <summary>An application by its name, or null.</summary>
    /// <param name="name">Name of the application.</param>
    public ReleasedApplication? Find(string name) => Applications.FirstOrDefault(application => application.Spec.Name == name);
}

/// <summary>An application of a release.</summary>
/// <param name="Spec">
/// The application's specification, with the applications that it depends on and includes in the order of the release. One that is
/// included elsewhere is replaced by the application that starts it.
/// </param>
/// <param name="Type">How the release starts it.</param>
/// <param name="Folder">Where its files are.</param>
public sealed record ReleasedApplication(ApplicationSpec Spec, StartType Type, string Folder);
