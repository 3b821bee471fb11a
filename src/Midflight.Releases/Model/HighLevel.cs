using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>An instruction of an appup: what has changed. The translator turns it into <see cref="LowLevel"/> instructions.</summary>
public abstract record HighLevel : Instruction
{
    private HighLevel() { }

    /// <summary>A module whose processes hold state that changes with it: suspend, load, change code, resume.</summary>
    /// <param name="Module">Full name of the module.</param>
    public sealed record Update(string Module) : HighLevel
    {
        /// <summary>Whether, in a downgrade, the processes change code before or after the old version is loaded.</summary>
        public ModuleType Type { get; init; } = ModuleType.Dynamic;

        /// <summary>How long the processes may take to be suspended.</summary>
        public SuspendTimeout Timeout { get; init; } = SuspendTimeout.Default;

        /// <summary>Whether the processes change code, and with which extra. Default: soft; they do not.</summary>
        public StateChange Change { get; init; } = new StateChange.Soft();

        /// <summary>What happens to processes in old code before the new code is loaded.</summary>
        public PurgeMethod PrePurge { get; init; } = PurgeMethod.Brutal;

        /// <summary>What happens to processes in old code once the release is made permanent.</summary>
        public PurgeMethod PostPurge { get; init; } = PurgeMethod.Brutal;

        /// <summary>The modules that this one depends on.</summary>
        public ImmutableArray<string> DependsOn { get; init; } = [];

        /// <summary>A supervisor: static, with a code change of no extra.</summary>
        /// <param name="module">Full name of the supervisor.</param>
        public static Update Supervisor(string module) =>
            new(module) { Type = ModuleType.Static, Change = StateChange.Advanced.WithoutExtra };
    }

    /// <summary>A module whose code changes and whose processes, if any, need not be suspended.</summary>
    /// <param name="Module">Full name of the module.</param>
    public sealed record LoadModule(string Module) : HighLevel
    {
        /// <summary>What happens to processes in old code before the new code is loaded.</summary>
        public PurgeMethod PrePurge { get; init; } = PurgeMethod.Brutal;

        /// <summary>What happens to processes in old code once the release is made permanent.</summary>
        public PurgeMethod PostPurge { get; init; } = PurgeMethod.Brutal;

        /// <summary>The modules that this one depends on.</summary>
        public ImmutableArray<string> DependsOn { get; init; } = [];
    }

    /// <summary>A new module.</summary>
    /// <param name="Module">Full name of the module.</param>
    public sealed record AddModule(string Module) : HighLevel
    {
        /// <summary>The modules that this one depends on.</summary>
        public ImmutableArray<string> DependsOn { get; init; } = [];
    }

    /// <summary>A removed module.</summary>
    /// <param name="Module">Full name of the module.</param>
    public sealed record DeleteModule(string Module) : HighLevel
    {
        /// <summary>The modules that this one depended on.</summary>
        public ImmutableArray<string> DependsOn { get; init; } = [];
    }

    /// <summary>A new application: its modules are loaded and it is started.</summary>
    /// <param name="Application">Name of the application.</param>
    /// <param name="Type">How it is started.</param>
    public sealed record AddApplication(string Application, StartType Type = StartType.Permanent) : HighLevel;

    /// <summary>A removed application: it is stopped and its modules are removed.</summary>
    /// <param name="Application">Name of the application.</param>
    public sealed record RemoveApplication(string Application) : HighLevel;

    /// <summary>An application that is stopped in the old code and started in the new.</summary>
    /// <param name="Application">Name of the application.</param>
    public sealed record RestartApplication(string Application) : HighLevel;
}
