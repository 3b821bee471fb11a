using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>Tells applications that a version of their code has become current or is going, and undoes it.</summary>
internal sealed class SwitchedApplications(Node node, CodeFlip code)
{
    private readonly Stack<(CodeVersion From, CodeVersion To)> _told = new();

    /// <summary>Tells all applications whose code has changed. Called after the flip.</summary>
    /// <exception cref="SwitchFailedException">One threw.</exception>
    internal async Task Tell()
    {
        foreach (var name in code.Changed)
        {
            if (code.Source(name) is not { } from || code.Target(name) is not { } to)
            {
                continue;
            }

            _told.Push((from, to));

            try
            {
                await node.Applications.Tell(from, module => module.OnIsGoing()).ConfigureAwait(false);
                await BecameCurrent(to).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                throw new SwitchFailedException(
                    $"{name} did not switch to its new code: {exception.Message.TrimEnd('.')}. Fix its IsGoing or BecameCurrent and rebuild the release.", exception);
            }
        }
    }

    /// <summary>Tells the new versions that they are going. Called before the code flips back.</summary>
    internal async Task TakeBack(ImmutableArray<string>.Builder losses)
    {
        foreach (var (_, to) in _told)
        {
            await UndoList.Attempt(() => node.Applications.Tell(to, module => module.OnIsGoing()), losses).ConfigureAwait(false);
        }
    }

    /// <summary>Tells the old versions that they are current again. Called after the code has flipped back.</summary>
    internal async Task BringBack(ImmutableArray<string>.Builder losses)
    {
        while (_told.TryPop(out var told))
        {
            await UndoList.Attempt(() => BecameCurrent(told.From), losses).ConfigureAwait(false);
        }
    }

    private async Task BecameCurrent(CodeVersion version)
    {
        await node.Applications.Tell(version, module => module.OnBecameCurrent()).ConfigureAwait(false);
        await node.Applications.Fronts.Show(version).ConfigureAwait(false);
    }
}
