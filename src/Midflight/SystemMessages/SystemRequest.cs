namespace Midflight;

/// <summary>A request that every behaviour understands besides its own messages.</summary>
/// <remarks>Taken in mailbox order while the process is running, and before other messages while it is suspended, as in OTP.</remarks>
internal abstract class SystemRequest
{
    /// <summary>Carries it out and answers. Owner of the cell only.</summary>
    internal abstract void Act(Cell cell, ServerBody body, PendingCall call);

    internal sealed class Suspend : SystemRequest
    {
        internal override void Act(Cell cell, ServerBody body, PendingCall call)
        {
            cell.Suspended = true;
            cell.Node.Standstill?.GoesOn(cell);
            call.Reply(null, 0);
        }

        public override string ToString() => "suspend";
    }

    internal sealed class Resume : SystemRequest
    {
        internal override void Act(Cell cell, ServerBody body, PendingCall call)
        {
            cell.Suspended = false;
            body.RestartIdle(cell);
            call.Reply(null, 0);
        }

        public override string ToString() => "resume";
    }

    internal sealed class GetState : SystemRequest
    {
        internal override void Act(Cell cell, ServerBody body, PendingCall call) => call.Reply(body.State, 0);

        public override string ToString() => "get state";
    }

    internal sealed class ReplaceState(Func<object?, object?> replace) : SystemRequest
    {
        internal override void Act(Cell cell, ServerBody body, PendingCall call)
        {
            try
            {
                body.ReplaceState(replace(body.State));
                body.ForgetBefore();
                call.Reply(body.State, 0);
            }
            // The caller's function failed: the caller is told, and the server continues as before.
            catch (Exception exception)
            {
                call.Fail(exception);
            }
        }

        public override string ToString() => "replace state";
    }

    internal sealed class GetStatus : SystemRequest
    {
        internal override void Act(Cell cell, ServerBody body, PendingCall call)
        {
            call.Reply(ProcessStatus.Of(cell, body), 0);
        }

        public override string ToString() => "get status";
    }

    internal sealed class ChangeCode(OldVsn from, object? extra) : SystemRequest
    {
        internal override void Act(Cell cell, ServerBody body, PendingCall call)
        {
            if (!cell.Suspended)
            {
                call.Fail(new InvalidOperationException(
                    $"Process {cell.Pid} is running; only a suspended process changes code. Call Sys.Suspend first."));
                return;
            }

            if (body.Module is Supervisor or DynamicSupervisor)
            {
                cell.Answer(call, cell => ChangeSupervisor(cell, body));
                return;
            }

            try
            {
                // A failure leaves the body, and so the state, as it was.
                var changed = body.IsStale ? body.In(body.Version!.Application.Current!, changes: true) : body.Copy();
                changed.ChangeCode(from, extra);
                cell.Body = changed;
                call.Reply(null, 0);
            }
            // The process survives, suspended, with its old state. The caller is told why.
            catch (Exception exception)
            {
                call.Fail(exception);
            }
        }

        // Without an upgrade around it: the code has flipped, and a failure is undone here.
        private static async ValueTask<object?> ChangeSupervisor(Cell cell, ServerBody body)
        {
            var changed = body.IsStale ? body.In(body.Version!.Application.Current!) : body.Copy();
            var change = SupervisorChange.Of(cell, changed.Module);
            await change.OnStopDropped(cell);

            try
            {
                cell.Body = changed;
                await change.OnStartAdded(cell);
                return null;
            }
            catch (Exception)
            {
                await change.OnTakeBack(cell);
                cell.Body = body;
                await change.OnBringBack(cell);
                throw;
            }
        }

        public override string ToString() => "change code";
    }

    internal sealed class Terminate(ExitReason reason) : SystemRequest
    {
        internal override void Act(Cell cell, ServerBody body, PendingCall call)
        {
            body.TerminateFor(cell, reason);
            call.Reply(null, 0);
        }

        public override string ToString() => "terminate";
    }

    /// <summary>Like <see cref="Terminate"/>, but answered by the end of the process, which fails the call with its reason.</summary>
    internal sealed class Stop(ExitReason reason) : SystemRequest
    {
        internal override void Act(Cell cell, ServerBody body, PendingCall call)
        {
            cell.Bonds.Owe(call);
            body.TerminateFor(cell, reason);
        }

        public override string ToString() => "stop";
    }
}
