using System.Runtime.InteropServices;
using OctochatClient;

using var stop = new CancellationTokenSource();
using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

try
{
    var clean = await new Demo(new Workshop(Workshop.FindRepository()), new Display(), stop.Token).Run();

    if (!clean)
    {
        Display.Complain("Not everything went as it should.");
    }

    return clean ? 0 : 1;
}
catch (OperationCanceledException)
{
    Display.Complain("Interrupted; the node is stopped and its folder is gone.");
    return 130;
}
catch (CommandFailedException failed)
{
    Display.Complain(failed.Message);
    return 1;
}

// The way out goes through every `await using`, which stops the node and deletes its folder.
void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
