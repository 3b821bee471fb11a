namespace Midflight;

/// <summary>Whether a scheduler takes processes from the others.</summary>
/// <remarks>
/// Processes that call one server all the time run best where the server is. A thief that has taken several such processes in a row, each only to
/// see it wait for a server on another scheduler, takes no more until the watch lets it. Its scheduler only, unless noted otherwise.
/// </remarks>
internal sealed class Thief
{
    /// <summary>How many such thefts in a row are enough.</summary>
    internal const int Patience = 4;

    /// <summary>How many messages a process may have handled, or calls made, in its slice for its theft to count as useless.</summary>
    internal const int InVain = 8;

    private volatile bool _steals = true;

    // The last stolen process that has not been seen to wait.
    private Cell? _taken;
    private int _vain;

    /// <summary>Whether it steals. Any thread.</summary>
    internal bool Steals => _steals;

    /// <summary>It has stolen a process, which runs now.</summary>
    internal void Took(Cell cell) => _taken = cell;

    /// <summary>The running process called a server that is busy, and has to wait.</summary>
    internal void Waits(Cell caller)
    {
        if (caller != _taken)
        {
            return;
        }

        _taken = null;
        _vain = Cell.SliceBudget - caller.Budget <= InVain ? _vain + 1 : 0;

        if (_vain >= Patience)
        {
            (_vain, _steals) = (0, false);
        }
    }

    /// <summary>Forgets the stolen process, which may have ended.</summary>
    internal void Forget() => _taken = null;

    /// <summary>Lets it steal again. Called by the watch.</summary>
    /// <returns>Whether it did not steal before.</returns>
    internal bool Resume()
    {
        if (_steals)
        {
            return false;
        }

        _steals = true;
        return true;
    }
}
