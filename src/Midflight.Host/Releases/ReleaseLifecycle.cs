using Midflight.Releases.Packages;

namespace Midflight.Host;

/// <summary>The actions on a release.</summary>
internal enum ReleaseAction
{
    Install,
    Commit,
    Leave,
    Remove,
}

/// <summary>The life cycle of a release, as in OTP's release_handler.</summary>
/// <remarks>
/// <code>
///            install      commit      another is installed    remove
/// unpacked   current      -           -                       gone
/// current    -            permanent   old                     -
/// permanent  permanent    permanent   permanent               -
/// old        current      -           -                       gone
/// </code>
/// Installing the permanent release while another one is current leaves it permanent: nothing has to be written for a rollback.
/// OTP lets you remove the current release, whose files then run without being there; this refuses.
/// </remarks>
internal static class ReleaseLifecycle
{
    /// <returns>The status afterwards; null if the action does not fit the status.</returns>
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
