namespace Midflight;

/// <summary>Whether a scheduler takes processes from the others.</summary>
/// <remarks>
/// Processes that call one server all the time run best where the server is. A thief that has taken several such in a row, each only to
/// see it wait for a server that another runs, takes no more until the watch lets it. Its scheduler's own, where nothing else is said.
/// </remarks>
internal sealed class Thief
{
    /// <summary>How many such in a row are enough.</summary>
    internal const int Patience = 4;

    /// <summary>How many messages a process may have handled, or calls made, in its slice for its theft to be in vain.</summary>
    internal const int InVain = 8;

    private volatile bool _steals = true;

    // What was taken last and has not been seen to wait.
    private Cell? _taken;
    private int _vain;

    /// <summary>Whether it takes from others. Any thread.</summary>
    internal bool Steals => _steals;

    /// <summary>It has taken a process, which runs now.</summary>
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

    /// <summary>Lets go of what was taken, which may have ended.</summary>
    internal void Forget() => _taken = null;

    /// <summary>Lets it take from others again. The watch.</summary>
    /// <returns>Whether it did not.</returns>
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
