namespace Midflight.Releases.Packages;

/// <summary>Where the files of a release are on disk. The only place that knows the names of files and folders.</summary>
/// <remarks>
/// <code>
/// ROOT/
///   bin/NAME                         the command of the release
///   lib/APPLICATION-VERSION/         assemblies, APPLICATION.app.json, APPLICATION.appup.json
///   lib/midflight-VERSION/           the runtime of the node
///   runtime-VERSION/                 .NET itself, only if the release includes it
///   releases/RELEASES.json           status of every release
///   releases/start.txt               what the next start runs, one line for the shell script
/// releases/start.before.txt        what it ran before, for a start whose release is damaged
///   releases/VERSION/                NAME.rel.json, boot.json, config.json, relup.json, runtimeconfig.json, manifest.json, manifest.sig
/// releases/.unpack-VERSION-…/      an unpack in progress, or interrupted
/// releases/.remove-VERSION-…/      a removal in progress, or interrupted
/// keys/                            the trusted public keys, *.pem, if there are any
///   run/                             control.sock, pid, lock, starting, digests.txt, NAME.log, NAME.audit.log
/// NAME-VERSION.tar.gz              a package; it may also be in releases/
/// </code>
/// </remarks>
public sealed record ReleaseLayout
{
    /// <summary>The prefix of an unpack's folder.</summary>
    internal const string UnpackPrefix = ".unpack-";

    /// <summary>The prefix of a removal's folder.</summary>
    internal const string RemovePrefix = ".remove-";

    /// <param name="root">The folder that holds <c>bin</c>, <c>lib</c> and <c>releases</c>; it need not exist yet.</param>
    public ReleaseLayout(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        Root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));
    }

    /// <summary>The absolute path of the folder that holds everything.</summary>
    public string Root { get; }

    /// <summary>The folder of applications.</summary>
    public string Libraries => Path.Combine(Root, "lib");

    /// <summary>The folder of releases.</summary>
    public string Releases => Path.Combine(Root, "releases");

    /// <summary>The folder of files that exist only while a node runs.</summary>
    public string Run => Path.Combine(Root, "run");

    /// <summary>The status of every release.</summary>
    public string ReleasesFile => Path.Combine(Releases, "RELEASES.json");

    /// <summary>What the next start runs.</summary>
    public string StartFile => Path.Combine(Releases, "start.txt");

    /// <summary>The control socket of the running node.</summary>
    public string ControlSocket => Path.Combine(Run, "control.sock");

    /// <summary>Holds the process id of the node while it runs.</summary>
    public string PidFile => Path.Combine(Run, "pid");

    /// <summary>Locked by the node while it runs, so that there is at most one.</summary>
    public string LockFile => Path.Combine(Run, "lock");

    /// <summary>The command of the release.</summary>
    public string Command(string name) => Path.Combine(Root, "bin", name);

    /// <summary>The log of a node in the background.</summary>
    public string Log(string name) => Path.Combine(Run, name + ".log");

    /// <summary>Who asked the node for a change, and the outcome.</summary>
    public string AuditLog(string name) => Path.Combine(Run, name + ".audit.log");

    /// <summary>The folder of one application.</summary>
    public string Library(string application, string version) => Path.Combine(Libraries, $"{application}-{version}");

    /// <summary>The metadata of one application.</summary>
    public string AppFile(string application, string version) =>
        Path.Combine(Library(application, version), application + ".app.json");

    /// <summary>The upgrade instructions of one application.</summary>
    public string AppupFile(string application, string version) =>
        Path.Combine(Library(application, version), application + ".appup.json");

    /// <summary>The folder of a .NET that the release includes.</summary>
    public string Runtime(string version) => Path.Combine(Root, $"runtime-{version}");

    /// <summary>The folder of one release.</summary>
    public string Release(string version) => Path.Combine(Releases, version);

    /// <summary>The applications of one release.</summary>
    public string RelFile(string name, string version) => Path.Combine(Release(version), name + ".rel.json");

    /// <summary>The order in which one release starts.</summary>
    public string BootFile(string version) => Path.Combine(Release(version), "boot.json");

    /// <summary>The environment of the applications of one release.</summary>
    public string ConfigFile(string version) => Path.Combine(Release(version), "config.json");

    /// <summary>The script from and to other releases; absent if none was made in advance.</summary>
    public string RelupFile(string version) => Path.Combine(Release(version), "relup.json");

    /// <summary>The settings of .NET for one release.</summary>
    public string RuntimeConfigFile(string version) => Path.Combine(Release(version), "runtimeconfig.json");

    /// <summary>The digests of every file of one release.</summary>
    public string ManifestFile(string version) => Path.Combine(Release(version), ReleaseManifest.FileName);

    /// <summary>The signatures of one release; absent if it is not signed.</summary>
    public string SignatureFile(string version) => Path.Combine(Release(version), ReleaseManifest.SignatureFileName);

    /// <summary>The folder of the trusted public keys, <c>*.pem</c>. Without any, every package is accepted.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>What the next start runs if the release in <see cref="StartFile"/> is damaged.</summary>
    public string StartBeforeFile => Path.Combine(Releases, "start.before.txt");

    /// <summary>Exists while .NET is starting and Midflight is not running yet. If it exists when no node runs, .NET could not start.</summary>
    public string StartingFile => Path.Combine(Run, "starting");

    /// <summary>The digests of files as last seen.</summary>
    internal string DigestsFile => Path.Combine(Run, "digests.txt");

    /// <summary>The possible places of a package, in search order.</summary>
    public IReadOnlyList<string> Packages(string name, string version) =>
        [Path.Combine(Root, PackageName(name, version)), Path.Combine(Releases, PackageName(name, version))];

    /// <summary>The file name of a package.</summary>
    public static string PackageName(string name, string version) => $"{name}-{version}.tar.gz";
}
