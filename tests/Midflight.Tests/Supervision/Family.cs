using Midflight.Testing;

namespace Midflight.Tests.Supervision;

/// <summary>A supervisor whose spec is its argument, and one of its functions where the spec is to differ at each Init.</summary>
public sealed class Family : Supervisor
{
    protected override SupervisorSpec Init(object? argument) => argument is Func<SupervisorSpec> make ? make() : (SupervisorSpec)argument!;
}

/// <summary>What tests of supervisors do again and again.</summary>
internal static class Kin
{
    internal static readonly RestartIntensity Plenty = new(1_000_000, TimeSpan.FromSeconds(5));

    internal static ChildSpec Spec(this Diary diary, string name, Func<Worker.Duty, Worker.Duty>? duty = null) =>
        Child.Of<Worker>(duty is null ? new Worker.Duty(name, diary) : duty(new Worker.Duty(name, diary))) with { Id = name };

    internal static async Task<Pid> PidOf(Pid supervisor, string id) =>
        (await Supervisor.WhichChildren(supervisor)).Single(child => child.Id == id).Pid;

    /// <summary>Ends a child and waits until it has ended.</summary>
    internal static async Task End(Pid process, object how)
    {
        var monitor = Process.Monitor(process);
        GenServer.Cast(process, how);
        await Process.Receive<Down>(down => down.Ref == monitor);
    }

    internal static bool Says(this CapturedLog log, string text) => log.Lines.Any(line => line.Message.Contains(text, StringComparison.Ordinal));

    /// <summary>Waits until it is logged.</summary>
    internal static async Task Until(this CapturedLog log, string text)
    {
        while (!log.Says(text))
        {
            await Task.Yield();
        }
    }

    /// <summary>Waits for the end of a process.</summary>
    internal static async Task<ExitReason> Ended(Pid process)
    {
        var monitor = Process.Monitor(process);
        return (await Process.Receive<Down>(down => down.Ref == monitor)).Reason;
    }
}
