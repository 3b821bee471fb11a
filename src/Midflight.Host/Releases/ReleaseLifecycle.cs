using Midflight.Releases.Packages;

namespace Midflight.Host;

/// <summary>What can be done to a release.</summary>
internal enum ReleaseAction
{
    Install,
    Commit,
    Leave,
    Remove,
}

/// <summary>The life of a release, as OTP's release_handler has it.</summary>
/// <remarks>
/// <code>
///            install      commit      another is installed    remove
/// unpacked   current      -           -                       gone
/// current    -            permanent   old                     -
/// permanent  permanent    permanent   permanent               -
/// old        current      -           -                       gone
/// </code>
/// Installing the permanent release while another is current leaves it permanent: nothing has to be written for a way back.
/// Where OTP lets the current release be removed, whose files then run on without being there, this refuses.
/// </remarks>
internal static class ReleaseLifecycle
{
    /// <returns>The status afterwards; null where the action does not fit the status.</returns>
    internal static ReleaseStatus? Next(ReleaseStatus status, ReleaseAction action) => (status, action) switch
    {
        (ReleaseStatus.Unpacked or ReleaseStatus.Old, ReleaseAction.Install) => ReleaseStatus.Current,
        (ReleaseStatus.Permanent, ReleaseAction.Install) => ReleaseStatus.Permanent,
        (ReleaseStatus.Current or ReleaseStatus.Permanent, ReleaseAction.Commit) => ReleaseStatus.Permanent,
        (ReleaseStatus.Current, ReleaseAction.Leave) => ReleaseStatus.Old,
        (ReleaseStatus.Permanent, ReleaseAction.Leave) => ReleaseStatus.Permanent,
        _ => null,
    };

    internal static bool MayRemove(ReleaseStatus status) => status is ReleaseStatus.Unpacked or ReleaseStatus.Old;
}
