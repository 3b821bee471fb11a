using System.Collections.Immutable;
using System.Globalization;
using Midflight.Releases;

namespace Midflight.Host.Evaluation;

/// <summary>Loads a compiled file: the part of a shell's <c>c</c>, <c>l</c> and <c>r</c> that runs on the node.</summary>
/// <remarks>
/// As in OTP's shell, the version before the current one is purged, and processes that still run it are killed. In production, use
/// releases, which ask first.
/// </remarks>
internal sealed class FileLoad(Node node, CodeServer code)
{
    internal async Task<LoadReply> Carry(LoadRequest request)
    {
        var number = (code.Find(request.Application)?.LastNumber ?? 0) + 1;
        var image = new ApplicationImage(
            request.Application,
            number.ToString(CultureInfo.InvariantCulture),
            [AssemblyImage.Of(request.Image, request.Symbols)]);
        var notes = ImmutableArray.CreateBuilder<string>();
        var before = code.Find(request.Application)?.Current;
        var servers = request.Moves && before is not null ? await Suspend(before.Version, notes).ConfigureAwait(false) : [];
        var result = await Load(image, notes).ConfigureAwait(false);
        var moved = 0;

        foreach (var server in servers)
        {
            if (result is LoadResult.Done && await Attempt(server, "did not change its code", notes, () => Change(server, before!)).ConfigureAwait(false))
            {
                moved++;
            }

            await Attempt(server, "was not resumed", notes, () => Sys.Resume(server.Pid)).ConfigureAwait(false);
        }

        return result switch
        {
            LoadResult.Done(var versions) => new(null, Modules(versions.Find(request.Application)!), notes.ToImmutable(), moved),
            LoadResult.Refused(var why) => new(why.ToString(), [], notes.ToImmutable(), 0),
            _ => throw new InvalidOperationException($"No reply for {result}."),
        };
    }

    // The code that processes run, without the records of their messages and states.
    private static ImmutableArray<string> Modules(LoadedVersion version) =>
    [
        .. version.Modules
            .Where(type => typeof(Behaviour).IsAssignableFrom(type) || type is { IsAbstract: true, IsSealed: true })
            .Select(module => module.FullName!)
            .Order(StringComparer.Ordinal),
    ];

    private async Task<LoadResult> Load(ApplicationImage image, ImmutableArray<string>.Builder notes)
    {
        var gently = await code.Load([image], PurgeMethod.Soft).ConfigureAwait(false);

        if (gently is not LoadResult.Refused(LoadRefusal.OldCodeInUse(_, var users)))
        {
            return gently;
        }

        var loaded = await code.Load([image], PurgeMethod.Brutal).ConfigureAwait(false);
        notes.AddRange(users.Select(user => $"killed {user}"));
        return loaded;
    }

    private async Task<List<Cell>> Suspend(CodeVersion version, ImmutableArray<string>.Builder notes)
    {
        var suspended = new List<Cell>();

        foreach (var cell in node.Processes.All().Where(cell => cell.Body is ServerBody { Version: { } own } && own.Application == version.Application))
        {
            if (await Attempt(cell, "was not suspended", notes, () => Sys.Suspend(cell.Pid)).ConfigureAwait(false))
            {
                suspended.Add(cell);
            }
        }

        return suspended;
    }

    private static ValueTask Change(Cell server, LoadedVersion before) =>
        Sys.ChangeCode(server.Pid, server.Body is { } body ? before.Vsn(body.ModuleName) ?? before.Version.Release : "");

    private static async Task<bool> Attempt(Cell server, string failure, ImmutableArray<string>.Builder notes, Func<ValueTask> step)
    {
        try
        {
            await step().ConfigureAwait(false);
            return true;
        }
        // A process that has ended in the meantime is not a failure.
        catch (CallFailedException exception) when (exception.Failure is CallFailure.NoProcess or CallFailure.Ended)
        {
            return false;
        }
        // Its own code threw, or it does not answer: that is reported, and the others go on.
        catch (Exception exception)
        {
            notes.Add($"{server.Pid} {failure}: {exception.Message}");
            return false;
        }
    }
}
