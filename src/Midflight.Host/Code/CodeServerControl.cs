using Midflight.Releases;

namespace Midflight.Host;

// What processes of the node ask about its code through Midflight's class Code.
internal sealed partial class CodeServer
{
    /// <summary>Makes a purge that a process asks for take its turn with releases. The first argument describes the purge. Default: there are no releases, so it runs at once.</summary>
    /// <remarks>Throws a <see cref="ReleaseRefusedException"/> while an upgrade is under way or on probation.</remarks>
    internal Func<string, Func<Task<PurgeResult>>, Task<PurgeResult>>? Alone { get; set; }

    internal override IReadOnlyList<Midflight.LoadedCode> AllLoaded() =>
    [
        .. Which().Select(application => new Midflight.LoadedCode(
            application.Hot.Name,
            application.Current?.ToString(),
            application.Old?.ToString(),
            [.. (application.Current?.Modules ?? []).Select(module => module.FullName!).Order(StringComparer.Ordinal)])),
    ];

    internal override async Task<(bool Gone, IReadOnlyList<Pid> Users)> PurgeOld(string application, bool kills)
    {
        var result = await InTurn($"purging {application}", () => Purge(application, kills ? PurgeMethod.Brutal : PurgeMethod.Soft)).ConfigureAwait(false);
        return (result.Purged, [.. result.Users.Select(user => user.Process)]);
    }

    internal override async Task<bool> DeleteCurrent(string application) =>
        (await InTurn($"deleting {application}", () => Task.FromResult(new PurgeResult(Delete(application), [], []))).ConfigureAwait(false)).Purged;

    private async Task<PurgeResult> InTurn(string action, Func<Task<PurgeResult>> step)
    {
        try
        {
            return await (Alone is { } alone ? alone(action, step) : step()).ConfigureAwait(false);
        }
        catch (ReleaseRefusedException refused)
        {
            throw new InvalidOperationException(refused.Message, refused);
        }
    }

    internal override IReadOnlyList<string> Modified() =>
    [
        .. Which().Select(application => application.Current).OfType<LoadedVersion>().SelectMany(version => version.Modified()).Order(StringComparer.Ordinal),
    ];
}
