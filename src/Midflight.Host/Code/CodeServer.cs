using System.Collections.Immutable;
using System.Reflection;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Loads, flips, purges and deletes the code versions of one node: OTP's code_server.</summary>
/// <remarks>
/// <para>The life of a version:</para>
/// <code>
/// Prepare ──▶ prepared ── Flip ──▶ current ── Flip of the next ──▶ old ── Purge ──▶ gone
///                │                    ▲  └───── Unflip, Delete ──────▲
///             Discard                 └──────── Unflip of the next ──┘
/// </code>
/// <para>
/// No lock covers all of it: each step checks that it still applies, and refuses if another load came in between.
/// </para>
/// </remarks>
internal sealed partial class CodeServer : CodeControl
{
    private readonly Node _node;
    private readonly Func<CodeVersion, Conversion> _conversions;
    private readonly Lock _lock = new();

    // Both are guarded by the lock.
    private readonly SortedList<string, LoadedApplication> _applications = new(StringComparer.Ordinal);
    private bool _converts;

    /// <param name="node">The node whose processes run the code.</param>
    /// <param name="conversions">Makes the conversion of values to a code version.</param>
    internal CodeServer(Node node, Func<CodeVersion, Conversion> conversions)
    {
        (_node, _conversions) = (node, conversions);
        node.Code = this;
    }

    /// <summary>
    /// Whether hot code and the program around the node share the assemblies that both refer to (<see cref="SharedWithHost"/>). Default: false, the
    /// node is the program. Set it before anything is loaded.
    /// </summary>
    internal bool SharesWithHost { get; init; }

    /// <summary>How long a purge waits for a process that does not give its thread back, before it counts the process as a user. Default: 5 s.</summary>
    internal TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Raised before old versions are dropped: whoever holds values of code outside processes releases the old ones.</summary>
    internal event Action? Purging;

    /// <summary>An application that has been loaded before; null for any other.</summary>
    internal LoadedApplication? Find(string application)
    {
        lock (_lock)
        {
            return _applications.GetValueOrDefault(application);
        }
    }

    /// <summary>The applications that have code loaded, by name.</summary>
    internal ImmutableArray<LoadedApplication> Which()
    {
        lock (_lock)
        {
            return [.. _applications.Values.Where(application => application.Current is not null || application.Old is not null)];
        }
    }

    /// <summary>The current version of a module, by the full name of its type; null if no application has it.</summary>
    internal Type? FindModule(string module) => Which()
        .Select(application => application.Current?.Version.FindType(module))
        .FirstOrDefault(type => type is not null);

    /// <summary>Loads new versions and makes them current: for a shell, and for nodes without a release handler.</summary>
    /// <param name="images">What has changed. Applications that refer to these are reloaded with them.</param>
    /// <param name="purge">How to purge old versions that are in the way. Null refuses if there is one, whether it is used or not.</param>
    /// <remarks>
    /// Servers move at their next message, so the load first checks that their modules exist and their states convert.
    /// </remarks>
    internal async Task<LoadResult> Load(IReadOnlyCollection<ApplicationImage> images, PurgeMethod? purge)
    {
        var prepared = await Prepare(images).ConfigureAwait(false);

        if (prepared is not LoadResult.Done(var versions))
        {
            return prepared;
        }

        if ((StateCheck.Of(_node, versions) ?? StoredValues.Check(_node, versions) ?? await MakeRoom(versions, purge).ConfigureAwait(false) ?? Flip(versions) ?? await Show(versions).ConfigureAwait(false)) is not { } refusal)
        {
            StoredValues.Refresh(_node, versions.Versions.Select(version => version.Version));
            return prepared;
        }

        Discard(versions);
        return new LoadResult.Refused(refusal);
    }

    // What applications publish outside their processes changes with them, or everything goes back.
    private async Task<LoadRefusal?> Show(PreparedVersions versions)
    {
        if (_node.Applications.Fronts.IsEmpty)
        {
            return null;
        }

        try
        {
            foreach (var version in versions.Versions)
            {
                await _node.Applications.Fronts.Show(version.Version).ConfigureAwait(false);
            }

            return null;
        }
        // This runs code of the application, which may throw anything.
        catch (Exception exception)
        {
            Unflip(versions);

            foreach (var version in versions.All.Select(pair => pair.Replaced?.Version).OfType<CodeVersion>())
            {
                await _node.Applications.Fronts.Show(version).ConfigureAwait(false);
            }

            return new LoadRefusal.Faulty(string.Join(", ", versions.Versions.Select(version => version.Image)), exception.Message, "Fix the routes that it maps.");
        }
    }

    private async Task<LoadRefusal?> MakeRoom(PreparedVersions versions, PurgeMethod? purge)
    {
        foreach (var version in versions.Versions)
        {
            if (version.Version.Application is not { Current: not null, Old: { } old } application)
            {
                continue;
            }

            if (purge is not { } method)
            {
                return new LoadRefusal.NotPurged(application.Name, old.ToString());
            }

            if (await Purge(application.Name, method).ConfigureAwait(false) is { Purged: false, Users: var users })
            {
                return new LoadRefusal.OldCodeInUse(application.Name, users);
            }
        }

        return null;
    }

    /// <summary>Loads and compiles new versions on another thread. Nothing is switched.</summary>
    /// <param name="images">What has changed. Applications that refer to these are reloaded with them.</param>
    /// <param name="readiness">How far to go.</param>
    /// <param name="left">Applications that are about to be deleted, and are not reloaded whatever they refer to. Default: none.</param>
    internal Task<LoadResult> Prepare(
        IReadOnlyCollection<ApplicationImage> images, Readiness readiness = Readiness.Compiled, IReadOnlySet<string>? left = null) =>
        Task.Run(() => PrepareNow(images, readiness, left));

    /// <summary>Like <see cref="Prepare"/>, but on the calling thread.</summary>
    internal LoadResult PrepareNow(IReadOnlyCollection<ApplicationImage> images, Readiness readiness = Readiness.Compiled, IReadOnlySet<string>? left = null)
    {
        Dictionary<string, LoadedVersion> current;

        lock (_lock)
        {
            current = _applications.Values.Where(application => application.Current is not null && left?.Contains(application.Hot.Name) is not true)
                .ToDictionary(application => application.Hot.Name, application => application.Current!);
        }

        var loadedImages = current.Values.Select(version => version.Image);
        var order = LoadOrder.Of(SharesWithHost ? SharedWithHost.Divide(images, loadedImages, LibraryPool.HostHas) : images, loadedImages);
        var versions = ImmutableArray.CreateBuilder<PreparedVersion>();

        foreach (var image in order)
        {
            var span = Spans.Step("load");
            LoadRefusal? refusal = TryOpen(image, current.Values, out var loaded);
            Spans.Stop(span, refusal?.ToString());

            if (loaded is not null)
            {
                versions.Add(new(loaded, current.GetValueOrDefault(image.Name)));
                current[image.Name] = loaded;
                refusal = SharesWithHost && SharedWithHost.Missing(image, loaded.Version.Assemblies) is { } missing
                    ? new LoadRefusal.Faulty(image.ToString(), missing, "Publish and start the program again, or build the release from the same project as the program.")
                    : Spans.Do("prepare", () => Compilation.Prepare(loaded, readiness), refusal => refusal?.ToString());
            }

            if (refusal is not null)
            {
                Discard(new PreparedVersions(versions.ToImmutable()));
                return new LoadResult.Refused(refusal);
            }
        }

        if (versions.Any(prepared => prepared.Replaced is not null))
        {
            foreach (var (version, _) in versions)
            {
                version.Version.Incoming = _conversions(version.Version);
            }
        }

        return new LoadResult.Done(new PreparedVersions(versions.ToImmutable()));
    }

    private LoadRefusal.Faulty? TryOpen(ApplicationImage image, IEnumerable<LoadedVersion> others, out LoadedVersion? loaded)
    {
        try
        {
            loaded = Open(image, others);
            return null;
        }
        catch (Exception exception) when (exception is BadImageFormatException or FileLoadException or FileNotFoundException or ArgumentException)
        {
            loaded = null;
            return new(image.ToString(), exception.Message, "Build the release again.");
        }
    }

    private LoadedVersion Open(ApplicationImage image, IEnumerable<LoadedVersion> others)
    {
        LoadedApplication? application;
        int number;

        lock (_lock)
        {
            if (!_applications.TryGetValue(image.Name, out application))
            {
                _applications.Add(image.Name, application = new(image.Name));
            }

            number = ++application.LastNumber;
        }

        var references = image.Assemblies.SelectMany(assembly => assembly.References).ToHashSet();
        var uses = others
            .Where(other => other.Image.Name != image.Name && other.Image.Assemblies.Any(assembly => references.Contains(assembly.Name)))
            .ToImmutableArray();
        var bound = new Dictionary<string, Assembly>(LibraryPool.Load(image.Libraries));

        foreach (var assembly in uses.SelectMany(used => used.Version.Assemblies))
        {
            bound[assembly.GetName().Name!] = assembly;
        }

        var version = new CodeVersion(application.Hot, number, image.Release, _node.Factories);
        var context = new CodeContext(version.ToString(), image.Keep, bound, _node.Logger);
        version.Fill(context.LoadAll(image.Assemblies), [.. uses.Select(used => used.Version)]);
        return new LoadedVersion(
            version, image, context, [.. uses.SelectMany(used => used.Image.Assemblies.Concat(used.Reached)).DistinctBy(assembly => assembly.Name)]);
    }

    /// <summary>Makes prepared versions current, all at once. The versions that were current become old.</summary>
    /// <returns>Why it was refused; null if it was done.</returns>
    /// <remarks>An application that already has an old version must be purged first.</remarks>
    internal LoadRefusal? Flip(PreparedVersions prepared)
    {
        lock (_lock)
        {
            if (Obstacle(prepared) is { } refusal)
            {
                return refusal;
            }

            if (!_converts && prepared.All.Any(version => version.Replaced is not null))
            {
                // From now on, values of more than one version exist. The current versions learn of it before the first such
                // value can reach them.
                _converts = true;

                foreach (var current in _applications.Values.Select(application => application.Current).OfType<LoadedVersion>())
                {
                    current.Version.Incoming ??= _conversions(current.Version);
                }
            }

            foreach (var (version, replaced) in prepared.All)
            {
                if (_converts)
                {
                    version.Version.Incoming ??= _conversions(version.Version);
                }

                var application = _applications[version.Image.Name];
                application.Old = replaced ?? application.Old;
                application.Current = version;
                application.Hot.Old = application.Old?.Version;
            }

            foreach (var version in prepared.Versions)
            {
                version.Version.Application.Current = version.Version;
            }

            return null;
        }
    }

    private LoadRefusal? Obstacle(PreparedVersions prepared)
    {
        var fresh = prepared.Versions.Select(version => version.Version).ToHashSet();

        foreach (var (version, replaced) in prepared.All)
        {
            var application = _applications[version.Image.Name];

            if (application.Current != replaced || version.Version.Uses.Any(used => used.Application.Current != used && !fresh.Contains(used)))
            {
                return new LoadRefusal.Overtaken(version.Image.ToString());
            }

            if (replaced is not null && application.Old is { } old)
            {
                return new LoadRefusal.NotPurged(application.Hot.Name, old.ToString());
            }
        }

        return null;
    }

    /// <summary>Undoes a flip: the versions that it replaced are current again. The versions that it brought are old, and can be purged.</summary>
    /// <remarks>A server that has already moved moves back at its next message.</remarks>
    internal void Unflip(PreparedVersions prepared)
    {
        lock (_lock)
        {
            foreach (var (version, replaced) in prepared.All)
            {
                var application = _applications[version.Image.Name];

                if (application.Current != version || (replaced is not null && application.Old != replaced))
                {
                    throw new InvalidOperationException(
                        $"{version} is not the version that was made current last, so it cannot be undone. Load the version before it again.");
                }
            }

            foreach (var (version, replaced) in prepared.All)
            {
                var application = _applications[version.Image.Name];

                // An application that was deleted before already has an old version. The new one takes its place.
                (application.Current, application.Old) = (replaced, version);
                (application.Hot.Current, application.Hot.Old) = (replaced?.Version, version.Version);
            }
        }
    }

    /// <summary>Drops versions that were prepared but never flipped.</summary>
    /// <returns>The dropped versions.</returns>
    internal ImmutableArray<PurgedVersion> Discard(PreparedVersions prepared)
    {
        lock (_lock)
        {
            var dropped = ImmutableArray.CreateBuilder<PurgedVersion>();

            foreach (var version in prepared.Versions)
            {
                var application = _applications[version.Image.Name];

                if (application.Current != version && application.Old != version && version.Context is not null)
                {
                    dropped.Add(version.Unload());
                }
            }

            return dropped.ToImmutable();
        }
    }

    /// <summary>Makes the current version of an application old, without a new one: qualified calls find nothing, processes go on.</summary>
    /// <returns>False if it has no current version, or already has an old one: there can be only one.</returns>
    /// <exception cref="InvalidOperationException">The current version of another application refers to it.</exception>
    internal bool Delete(string application)
    {
        lock (_lock)
        {
            if (_applications.GetValueOrDefault(application) is not { Current: { } current, Old: null } found)
            {
                return false;
            }

            if (UserOf(current) is { } user)
            {
                throw new InvalidOperationException(
                    $"{application} was not deleted: {user.Current} refers to it. First load a version of {user.Hot.Name} that does not.");
            }

            (found.Current, found.Old) = (null, current);
            (found.Hot.Old, found.Hot.Current) = (current.Version, null);
            return true;
        }
    }

    /// <summary>Deletes applications, each before those that it refers to.</summary>
    /// <returns>True if none of them has a current version any longer. An application that has an old version, or that another refers to, stays.</returns>
    internal bool Delete(IReadOnlySet<string> applications)
    {
        lock (_lock)
        {
            var going = _applications.Values.Where(application => application.Current is not null && applications.Contains(application.Hot.Name)).ToList();

            while (going.FirstOrDefault(application => application.Old is null && UserOf(application.Current!) is null) is { } next)
            {
                going.Remove(next);
                Delete(next.Hot.Name);
            }

            return going.Count == 0;
        }
    }

    // The caller holds the lock.
    private LoadedApplication? UserOf(LoadedVersion version) =>
        _applications.Values.FirstOrDefault(other => other.Current?.Version.Uses.Contains(version.Version) ?? false);

    /// <summary>Drops the old version of an application, together with the old versions that refer to it.</summary>
    /// <param name="application">Name of the application.</param>
    /// <param name="method">A soft purge refuses while a process uses it. A brutal purge kills the processes that do.</param>
    /// <returns>Whether it is gone, and the processes that prevented it or were killed. An application that never had an old version counts as gone.</returns>
    internal Task<PurgeResult> Purge(string application, PurgeMethod method) => Purge(application, _ => method == PurgeMethod.Brutal);

    /// <summary>Drops the old version of an application, together with the old versions that refer to it.</summary>
    /// <param name="application">Name of the application.</param>
    /// <param name="mayEnd">Whether a process that uses it may be killed. One process that may not be killed makes the whole purge refuse.</param>
    /// <returns>Whether it is gone, and the processes that use it, or used it until they were killed. An application that never had an old version counts as gone.</returns>
    internal async Task<PurgeResult> Purge(string application, Func<VersionUser, bool> mayEnd)
    {
        var going = Going(application);

        if (going.IsEmpty)
        {
            return new PurgeResult(true, [], []);
        }

        var versions = going.Select(version => version.Version).ToHashSet();
        var users = await CodeUse.Find(_node, versions, Patience).ConfigureAwait(false);

        if (!users.All(mayEnd))
        {
            return new PurgeResult(false, users, []);
        }

        await CodeUse.Kill(users, Patience).ConfigureAwait(false);
        await ChildArguments.Refresh(_node, Patience).ConfigureAwait(false);
        await OldValues.LetGo(_node, Patience).ConfigureAwait(false);
        StoredValues.Refresh(_node, versions);
        Purging?.Invoke();
        var dropped = Drop(going);
        TypeCaches.Clear();
        return new PurgeResult(true, users, dropped);
    }

    // The old version of an application, and the old versions bound to it.
    private ImmutableArray<LoadedVersion> Going(string application)
    {
        lock (_lock)
        {
            return _applications.GetValueOrDefault(application)?.Old is not { } old ? [] :
            [
                old,
                .. _applications.Values.Select(other => other.Old).OfType<LoadedVersion>()
                    .Where(other => other != old && Reaches(other.Version, old.Version)),
            ];
        }
    }

    private static bool Reaches(CodeVersion from, CodeVersion to) => from.Uses.Any(used => used == to || Reaches(used, to));

    private ImmutableArray<PurgedVersion> Drop(ImmutableArray<LoadedVersion> versions)
    {
        lock (_lock)
        {
            var purged = ImmutableArray.CreateBuilder<PurgedVersion>();

            foreach (var version in versions)
            {
                var application = _applications[version.Image.Name];

                if (application.Old == version)
                {
                    application.Old = null;
                    application.Hot.Old = null;
                    purged.Add(version.Unload());
                }
            }

            return purged.ToImmutable();
        }
    }
}
