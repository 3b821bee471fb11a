namespace Midflight.Releases.Packages;

/// <summary>Why a package was not unpacked. Nothing on the disk has changed.</summary>
public abstract record PackageRefusal
{
    private PackageRefusal()
    {
    }

    /// <summary>There is no such file.</summary>
    public sealed record NoSuchPackage(string Name, string Version, string Root) : PackageRefusal;

    /// <summary>The file is not a gzipped tar archive, or is incomplete.</summary>
    public sealed record Damaged(string Package, string Problem) : PackageRefusal;

    /// <summary>The file does not match the digest beside it.</summary>
    public sealed record WrongPackageDigest(string Package, string Expected, string Found) : PackageRefusal;

    /// <summary>The package has no manifest.</summary>
    public sealed record NoManifest(string Package) : PackageRefusal;

    /// <summary>The manifest of the package cannot be read.</summary>
    public sealed record BadManifest(string Package, string Problem) : PackageRefusal;

    /// <summary>A file would be written outside the folder of the release, or where no release has files.</summary>
    public sealed record LeavesTheTarget(string Package, string Path) : PackageRefusal;

    /// <summary>An entry is a link, a device, a pipe: anything but a file or a folder.</summary>
    public sealed record NotAFile(string Package, string Path, string Kind) : PackageRefusal;

    /// <summary>The manifest names a file that is not in the package.</summary>
    public sealed record MissingFile(string Package, string Path) : PackageRefusal;

    /// <summary>The package holds a file that the manifest does not name.</summary>
    public sealed record UnknownFile(string Package, string Path) : PackageRefusal;

    /// <summary>The package holds a file twice.</summary>
    public sealed record FileTwice(string Package, string Path) : PackageRefusal;

    /// <summary>The content of a file differs from the manifest.</summary>
    public sealed record WrongDigest(string Package, string Path) : PackageRefusal;

    /// <summary>The package holds another release than the requested one.</summary>
    public sealed record WrongRelease(string Package, string Expected, string Found) : PackageRefusal;

    /// <summary>The release needs another .NET than the running one.</summary>
    public sealed record WrongRuntime(string Release, string Needed, string Running) : PackageRefusal;

    /// <summary>The release already exists.</summary>
    public sealed record ExistingRelease(string Version) : PackageRefusal;

    /// <summary>A folder of the release already exists, with other content.</summary>
    public sealed record OtherContent(string Folder, string Path) : PackageRefusal;

    /// <summary>The package holds a file that belongs to no application, release or command of this release.</summary>
    public sealed record NotOfRelease(string Package, string Path, string Release) : PackageRefusal;

    /// <summary>The unpacked package is larger than allowed here.</summary>
    public sealed record TooLarge(string Package, string What, string Limit) : PackageRefusal;

    /// <summary>The disk has no room for it.</summary>
    public sealed record NoRoom(string Folder, long Needed, long Free) : PackageRefusal;

    /// <summary>There are trusted keys, and none of them has signed the package.</summary>
    public sealed record NotTrusted(string Package, string Problem, string Keys) : PackageRefusal;

    /// <summary>The disk is full, or the folder may not be written.</summary>
    public sealed record CannotWrite(string Folder, string Problem) : PackageRefusal;

    /// <summary>The whole sentence shown to a person, ending with what to do.</summary>
    public sealed override string ToString() => this switch
    {
        NoSuchPackage(var name, var version, var root) =>
            $"There is no {ReleaseLayout.PackageName(name, version)} in {root} or its folder releases. Copy it there.",
        Damaged(var package, var problem) =>
            $"{package} is not a complete .tar.gz file: {problem.TrimEnd('.')}. Copy it again.",
        WrongPackageDigest(var package, var expected, var found) =>
            $"{package} has the digest {found}, but {package}.sha256 says {expected}. Copy both again.",
        NoManifest(var package) =>
            $"{package} holds no releases/VERSION/manifest.json, so it is not a release. Build it with `midflight release`.",
        BadManifest(var package, var problem) =>
            $"The manifest of {package} cannot be read: {problem.TrimEnd('.')}. Build the package with `midflight release`.",
        LeavesTheTarget(var package, var path) =>
            $"{package} would write {path}, which is not in a folder of the release. Do not trust it: build it again.",
        NotAFile(var package, var path, var kind) =>
            $"{path} in {package} is a {kind}, but a release consists only of files. Do not trust it: build it again.",
        MissingFile(var package, var path) =>
            $"{path} is missing in {package}. Copy or build the package again.",
        UnknownFile(var package, var path) =>
            $"{path} in {package} is not in its manifest. Do not trust it: build it again.",
        FileTwice(var package, var path) =>
            $"{package} holds {path} twice. Do not trust it: build it again.",
        WrongDigest(var package, var path) =>
            $"{path} in {package} is not the file that its manifest describes (wrong digest). Copy or build the package again.",
        WrongRelease(var package, var expected, var found) =>
            $"{package} holds the release {found}, not {expected}. Rename it to match its content, or copy the right package.",
        WrongRuntime(var release, var needed, var running) =>
            $"Release {release} needs .NET {needed} or later with the same major version, but {running} runs here. " +
            "Install that .NET and restart the node, or build the release with `--include-runtime`.",
        ExistingRelease(var version) =>
            $"Release {version} is already there. Remove it first with `remove {version}`, or give the new one another version.",
        OtherContent(var folder, var path) =>
            $"{folder} is already there, and its file {path} differs from the one in the package. " +
            "Build the release with a new version number for what has changed.",
        NotOfRelease(var package, var path, var release) =>
            $"{path} in {package} does not belong to release {release}. Do not trust it: build it again.",
        TooLarge(var package, var what, var limit) =>
            $"{package} holds {what}, but only {limit} are allowed. Do not trust it; if this is intended, set {PackageLimits.Variable} to the number of bytes that may be unpacked.",
        NoRoom(var folder, var needed, var free) =>
            $"{folder} needs {needed} bytes for the release, but only {free} are free. Nothing was written; make room and try again.",
        NotTrusted(var package, var problem, var keys) =>
            $"{package} {problem}, but this node accepts only releases signed with a key in {keys}. Sign it with `midflight release --sign KEY`, or put the signer's public key there.",
        CannotWrite(var folder, var problem) =>
            $"Cannot write to {folder}: {problem.TrimEnd('.')}. Nothing was left behind; make room or grant access, and try again.",
        _ => throw new InvalidOperationException($"No sentence for {GetType().Name}."),
    };
}
