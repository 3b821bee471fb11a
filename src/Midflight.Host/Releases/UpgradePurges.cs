using System.Collections.Immutable;
using System.Diagnostics;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>What one upgrade purges: what is in the way of its switch, what it brought where it is undone, and what it left with its commit.</summary>
/// <remarks>
/// A process in old code is ended only where the script names its module and says brutal. One whose module nothing names has
/// not changed, and OTP would not have loaded it at all: it goes on in old code as long as it likes.
/// </remarks>
/// <param name="code">The node's code.</param>
/// <param name="script">What the upgrade does in flight.</param>
/// <param name="left">Applications that the release gone to no longer has.</param>
/// <param name="unloads">Looks after what was purged.</param>
internal sealed class UpgradePurges(CodeServer code, ImmutableArray<LowLevel> script, IReadOnlySet<string> left, UnloadWatch unloads)
{
    // Users that a note names.
    private const int Named = 5;

    // Callbacks end soon, as a rule. In real time: it is code that is waited for.
    private static readonly TimeSpan s_moment = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Purges what is older than the versions that the prepared ones replace: there is room for two.</summary>
    /// <param name="prepared">What is about to be switched to, with what is loaded again only because it refers to that.</param>
    /// <param name="endUsers">Whether processes are ended where the script says so. A check only finds out whether others are in the way.</param>
    /// <returns>Who is in the way; null if nobody is.</returns>
    internal async Task<ReleaseRefusal.OldCodeInUse?> MakeRoom(PreparedVersions prepared, bool endUsers)
    {
        var brutal = Brutal(isCommit: false);

        foreach (var application in prepared.Versions.Select(version => version.Image.Name))
        {
            var result = await Purge(application, user => endUsers && MayEnd(brutal, user)).ConfigureAwait(false);
            ImmutableArray<Pid> inTheWay = [.. result.Users.Where(user => !MayEnd(brutal, user)).Select(user => user.Process)];

            if (!result.Purged && !inTheWay.IsEmpty)
            {
                return new ReleaseRefusal.OldCodeInUse(application, inTheWay);
            }
        }

        return null;
    }

    /// <summary>Drops prepared versions, flipped and taken back or never flipped. What was old before stays.</summary>
    /// <returns>Who was ended for it, in whole sentences.</returns>
    internal async Task<ImmutableArray<string>> Drop(PreparedVersions prepared)
    {
        var ended = ImmutableArray.CreateBuilder<string>();

        foreach (var version in prepared.Versions)
        {
            var application = version.Image.Name;

            if (code.Find(application)?.Old != version)
            {
                continue;
            }

            // Code under way in it goes on to its end.
            var result = await PurgeSoon(application, user => !user.IsInCallback, s_longest).ConfigureAwait(false);
            result = result.Purged ? result : await Purge(application, _ => true).ConfigureAwait(false);

            if (result is { Users: { IsEmpty: false } users })
            {
                ended.Add($"{users.Length} processes that ran the new code of {application} were ended: {Show(users)}.");
            }
        }

        unloads.Add(code.Discard(prepared));
        return ended.ToImmutable();
    }

    /// <summary>Deletes the applications that are left, and purges all that is old.</summary>
    /// <returns>What is worth knowing: who still uses old code or was ended for it.</returns>
    internal async Task<ImmutableArray<string>> Commit()
    {
        var brutal = Brutal(isCommit: true);
        var notes = ImmutableArray.CreateBuilder<string>();

        // What is left may be bound to the old code of others, and has to be old itself to go with that.
        foreach (var application in left)
        {
            if (await Purge(application, user => MayEnd(brutal, user)).ConfigureAwait(false) is { Purged: true, Users: { IsEmpty: false } ended })
            {
                notes.Add(Ended(application, ended));
            }
        }

        code.Delete(left);

        foreach (var application in code.Which().Where(application => application.Old is not null).Select(application => application.Hot.Name))
        {
            var result = await PurgeSoon(application, user => MayEnd(brutal, user), s_moment).ConfigureAwait(false);

            if (!result.Purged)
            {
                notes.Add($"The old code of {application} stays loaded because it is still in use: {Show(result.Users)}. It is purged when they have moved to new code.");
            }
            else if (!result.Users.IsEmpty)
            {
                notes.Add(Ended(application, result.Users));
            }
        }

        return notes.ToImmutable();
    }

    // Waits for callbacks that are under way.
    private async Task<PurgeResult> PurgeSoon(string application, Func<VersionUser, bool> mayEnd, TimeSpan patience)
    {
        var start = Stopwatch.GetTimestamp();

        while (true)
        {
            var result = await Purge(application, mayEnd).ConfigureAwait(false);

            if (result.Purged || !result.Users.Any(user => user.IsInCallback) || Stopwatch.GetElapsedTime(start) > patience)
            {
                return result;
            }

            await Task.Delay(s_pause, TimeProvider.System).ConfigureAwait(false);
        }
    }

    private async Task<PurgeResult> Purge(string application, Func<VersionUser, bool> mayEnd)
    {
        var result = await code.Purge(application, mayEnd).ConfigureAwait(false);
        unloads.Add(result.Versions);
        return result;
    }

    // The modules whose processes the script ends.
    private HashSet<string> Brutal(bool isCommit) =>
    [
        .. script.SelectMany<LowLevel, string>(step => step switch
        {
            LowLevel.Load(var module, var before, var after) when (isCommit ? after : before) == PurgeMethod.Brutal => [module],
            LowLevel.Remove(var module, var before, var after) when (isCommit ? after : before) == PurgeMethod.Brutal => [module],
            LowLevel.Purge(var modules) when isCommit => modules,
            _ => [],
        }),
    ];

    private bool MayEnd(HashSet<string> brutal, VersionUser user) => left.Contains(user.Application) || brutal.Contains(ModuleOf(user));

    // A lambda is in a class of the compiler's, inside of that which it is written in.
    private static string ModuleOf(VersionUser user) => user.Module.Split("+<")[0];

    private static string Ended(string application, ImmutableArray<VersionUser> users) =>
        $"{users.Length} processes that still ran the old code of {application} were ended: {Show(users)}.";

    private static string Show(ImmutableArray<VersionUser> users) => string.Join("; ", users.Take(Named));
}
