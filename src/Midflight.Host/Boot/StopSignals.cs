using System.Runtime.InteropServices;

namespace Midflight.Host;

/// <summary>SIGTERM and SIGINT: they tell the operating system process to end when its node has stopped.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PosixSignalRegistration _terminate;
    private readonly PosixSignalRegistration _interrupt;

    /// <summary>Handles them from now on.</summary>
    internal StopSignals()
    {
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
    }

    /// <summary>Completes when one of them arrived.</summary>
    internal Task Told => _told.Task;

    /// <summary>Has the effect of a signal.</summary>
    internal void Tell() => _told.TrySetResult();

    private void OnSignal(PosixSignalContext signal)
    {
        // Not at once: the applications are stopped first.
        signal.Cancel = true;
        Tell();
    }

    /// <summary>From now on they end the process at once.</summary>
    public void Dispose()
    {
        _terminate.Dispose();
        _interrupt.Dispose();
    }
}
