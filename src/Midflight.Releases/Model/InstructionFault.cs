namespace Midflight.Releases;

/// <summary>What can be wrong with an instruction as written.</summary>
public enum InstructionFault
{
    /// <summary>No instruction has this name or form.</summary>
    BadInstruction,

    /// <summary>A module is not a name.</summary>
    BadModule,

    /// <summary>The change is neither <c>soft</c> nor <c>advanced</c>.</summary>
    BadChange,

    /// <summary>The module type is neither <c>static</c> nor <c>dynamic</c>.</summary>
    BadModuleType,

    /// <summary>The purge method is neither <c>soft_purge</c> nor <c>brutal_purge</c>.</summary>
    BadPurgeMethod,

    /// <summary>Something that must be a list is not a list.</summary>
    BadList,

    /// <summary>The arguments of a function are not a list.</summary>
    BadArguments,

    /// <summary>A node is not a name.</summary>
    BadNode,

    /// <summary>An application is not a name.</summary>
    BadApplication,

    /// <summary>The start type is none of the five.</summary>
    BadStartType,

    /// <summary>A function is not a name.</summary>
    BadFunction,

    /// <summary>The application that object code is loaded from is not a name.</summary>
    BadLibrary,

    /// <summary>The version of object code is not a string.</summary>
    BadLibraryVersion,

    /// <summary>The time-out is neither <c>default</c>, <c>infinity</c> nor a whole number above 0.</summary>
    BadTimeout,

    /// <summary>The direction of a code change is neither <c>up</c> nor <c>down</c>.</summary>
    BadMode,

    /// <summary>An element of a code change is not a module with its extra.</summary>
    BadCodeChange,

    /// <summary>An instruction that OTP never implemented: <c>mnesia_backup</c>.</summary>
    NotImplemented,
}
