namespace Midflight;

public abstract partial class GenStateMachine
{
    /// <summary>An event that a state machine handles: OTP's event type and its content in one.</summary>
    public abstract record Event
    {
        private Event()
        {
        }

        /// <summary>A request of a caller who waits for its reply.</summary>
        public sealed record Call(object Request) : Event;

        /// <summary>A cast.</summary>
        public sealed record Cast(object Message) : Event;

        /// <summary>Any other message: a plain send, <see cref="Down"/>, <see cref="Exited"/>.</summary>
        public sealed record Info(object Message) : Event;

        /// <summary>An event that the machine inserted itself.</summary>
        public sealed record Internal(object Content) : Event;

        /// <summary>No other event has arrived within the event time-out.</summary>
        public sealed record Timeout(object? Content) : Event;

        /// <summary>The machine has stayed in its state for the state time-out.</summary>
        public sealed record StateTimeout(object? Content) : Event;

        /// <summary>A named time-out has expired, whatever states the machine went through: OTP's generic time-out.</summary>
        public sealed record NamedTimeout(object Name, object? Content) : Event;

        /// <summary>The machine has entered a state. At the start, the old state is the first one, as in OTP.</summary>
        public sealed record Enter(object? OldState) : Event;

        /// <summary>The same event, with its content converted to another code version.</summary>
        internal Event In(CodeVersion version)
        {
            return this switch
            {
                Call(var request) => new Call(Door.Into(version, request)!),
                Cast(var message) => new Cast(Door.Into(version, message)!),
                Info(var message) => new Info(Door.Into(version, message)!),
                Internal(var content) => new Internal(Door.Into(version, content)!),
                Timeout(var content) => new Timeout(Door.Into(version, content)),
                StateTimeout(var content) => new StateTimeout(Door.Into(version, content)),
                NamedTimeout(var name, var content) => new NamedTimeout(Door.Into(version, name)!, Door.Into(version, content)),
                Enter(var state) => new Enter(Door.Into(version, state)),
                _ => throw new InvalidOperationException($"No way to convert {GetType().Name}."),
            };
        }
    }
}
