namespace Midflight;

/// <summary>What a process does for somebody outside of processes: a request of a web server, say.</summary>
/// <remarks>
/// Its function is not hot, and what it calls is. So it says itself which code version that is; the process counts as running it until it ends,
/// and stays in it.
/// </remarks>
internal abstract class Errand
{
    /// <param name="version">The code version that it runs; null for code which is not hot.</param>
    private protected Errand(CodeVersion? version) => Version = version;

    /// <summary>The code version that it runs; null for code which is not hot.</summary>
    internal CodeVersion? Version { get; }

    /// <summary>As shown to people in the place of a module.</summary>
    internal abstract string Title { get; }

    /// <summary>Does it, in the process. What it throws ends the process with a crash report.</summary>
    private protected abstract ProcessTask Run();

    /// <summary>The process has ended, for whatever reason. Once, at the latest.</summary>
    private protected abstract void Ended();

    /// <summary>Starts the process.</summary>
    internal Pid Start(Node node) => Process.Start(
        new Next.Plain(Run, qualified: false), prepare: cell => cell.Bonds.Owned.Add(new End(this)), node: node).Pid;

    private sealed class End(Errand errand) : IDisposable
    {
        public void Dispose() => errand.Ended();
    }
}
