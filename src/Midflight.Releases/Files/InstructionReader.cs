using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases;

/// <summary>Reads one instruction. An error in it becomes <see cref="Instruction.Malformed"/>, never an exception.</summary>
internal static class InstructionReader
{
    private const string Module = "a module's name in quotes";

    public static Instruction Read(JsonPart part)
    {
        var name = part.String ?? (part.Members is [var first, ..] ? first.Name : part.Describe());
        try
        {
            return (part.Type == JsonTokenType.String ? ReadWord(name) : ReadObject(name, part))
                ?? throw Fault(InstructionFault.BadInstruction, part, "an instruction");
        }
        catch (MalformedException malformed)
        {
            // A malformed instruction matters only to code that would carry it out.
            return new Instruction.Malformed(name, malformed.Fault, malformed.Error);
        }
        catch (FileRefusedException refused)
        {
            // The same, from a check that knows nothing about instructions: a member too many or too few.
            return new Instruction.Malformed(name, InstructionFault.BadInstruction, refused.Error);
        }

        Instruction? ReadWord(string word) => word switch
        {
            "point_of_no_return" => new LowLevel.PointOfNoReturn(),
            "restart_new_emulator" => new LowLevel.RestartNewEmulator(),
            "restart_emulator" => new LowLevel.RestartEmulator(),
            "restart" or "reboot" => new LowLevel.Passed(word),
            "mnesia_backup" => throw Fault(InstructionFault.NotImplemented, part, "an instruction that was made"),
            _ => null,
        };
    }

    private static Instruction? ReadObject(string name, JsonPart part) => part.Members is not [var (_, target), ..] ? null : name switch
    {
        "update" => ReadUpdate(part, target),
        "load_module" => ReadLoadModule(part, target),
        "add_module" => ReadAddModule(part, target),
        "delete_module" => ReadDeleteModule(part, target),
        "add_application" => ReadAddApplication(part, target),
        "remove_application" => new HighLevel.RemoveApplication(ReadApplication(part, target, name)),
        "restart_application" => new HighLevel.RestartApplication(ReadApplication(part, target, name)),
        "load_object_code" => ReadLoadObjectCode(part, target),
        "load" => ReadLoad(part, target),
        "remove" => ReadRemove(part, target),
        "purge" => new LowLevel.Purge(ReadOnlyModules(part, target, name)),
        "suspend" => ReadSuspend(part, target),
        "resume" => new LowLevel.Resume(ReadOnlyModules(part, target, name)),
        "code_change" => ReadCodeChange(part, target),
        "stop" => new LowLevel.Stop(ReadOnlyModules(part, target, name)),
        "start" => new LowLevel.Start(ReadOnlyModules(part, target, name)),
        "sync_nodes" => ReadSyncNodes(part, target),
        "apply" => ReadApply(part, target),
        _ => null,
    };

    private static HighLevel.Update ReadUpdate(JsonPart part, JsonPart target)
    {
        part.Only("update", "type", "timeout", "change", "pre_purge", "post_purge", "depends_on");
        var module = ReadModule(target);
        if (part.Member("change") is { String: "supervisor" } && part.Member("type") is null)
        {
            return HighLevel.Update.Supervisor(module) with
            {
                Timeout = ReadTimeout(part.Member("timeout")),
                PrePurge = ReadPurge(part.Member("pre_purge")),
                PostPurge = ReadPurge(part.Member("post_purge")),
                DependsOn = ReadDependsOn(part),
            };
        }

        return new HighLevel.Update(module)
        {
            Type = part.Member("type") is not { } type
                ? ModuleType.Dynamic
                : Word(type, OtpWords.ToModuleType, InstructionFault.BadModuleType, "\"static\" or \"dynamic\""),
            Timeout = ReadTimeout(part.Member("timeout")),
            Change = ReadChange(part.Member("change")),
            PrePurge = ReadPurge(part.Member("pre_purge")),
            PostPurge = ReadPurge(part.Member("post_purge")),
            DependsOn = ReadDependsOn(part),
        };
    }

    private static HighLevel.LoadModule ReadLoadModule(JsonPart part, JsonPart target)
    {
        part.Only("load_module", "pre_purge", "post_purge", "depends_on");
        return new HighLevel.LoadModule(ReadModule(target))
        {
            PrePurge = ReadPurge(part.Member("pre_purge")),
            PostPurge = ReadPurge(part.Member("post_purge")),
            DependsOn = ReadDependsOn(part),
        };
    }

    private static HighLevel.AddModule ReadAddModule(JsonPart part, JsonPart target)
    {
        part.Only("add_module", "depends_on");
        return new HighLevel.AddModule(ReadModule(target)) { DependsOn = ReadDependsOn(part) };
    }

    private static HighLevel.DeleteModule ReadDeleteModule(JsonPart part, JsonPart target)
    {
        part.Only("delete_module", "depends_on");
        return new HighLevel.DeleteModule(ReadModule(target)) { DependsOn = ReadDependsOn(part) };
    }

    private static HighLevel.AddApplication ReadAddApplication(JsonPart part, JsonPart target)
    {
        part.Only("add_application", "type");
        var application = Name(target, InstructionFault.BadApplication, "an application's name in quotes");
        const string Words = "\"permanent\", \"transient\", \"temporary\", \"load\" or \"none\"";
        return new HighLevel.AddApplication(application, part.Member("type") is not { } type
            ? StartType.Permanent
            : Word(type, OtpWords.ToStartType, InstructionFault.BadStartType, Words));
    }

    private static string ReadApplication(JsonPart part, JsonPart target, string name)
    {
        part.Only(name);
        return Name(target, InstructionFault.BadApplication, "an application's name in quotes");
    }

    private static LowLevel.LoadObjectCode ReadLoadObjectCode(JsonPart part, JsonPart target)
    {
        part.Only("load_object_code", "version", "modules");
        var (version, modules) = (part.Required("version", "the version"), part.Required("modules", "a list of modules"));
        return new LowLevel.LoadObjectCode(
            Name(target, InstructionFault.BadLibrary, "an application's name in quotes"),
            Name(version, InstructionFault.BadLibraryVersion, "a version in quotes"),
            ReadModules(modules));
    }

    private static LowLevel.Load ReadLoad(JsonPart part, JsonPart target)
    {
        part.Only("load", "pre_purge", "post_purge");
        return new LowLevel.Load(ReadModule(target), ReadPurge(part.Member("pre_purge")), ReadPurge(part.Member("post_purge")));
    }

    private static LowLevel.Remove ReadRemove(JsonPart part, JsonPart target)
    {
        part.Only("remove", "pre_purge", "post_purge");
        return new LowLevel.Remove(ReadModule(target), ReadPurge(part.Member("pre_purge")), ReadPurge(part.Member("post_purge")));
    }

    private static LowLevel.Suspend ReadSuspend(JsonPart part, JsonPart target)
    {
        part.Only("suspend");
        return new LowLevel.Suspend([.. List(target, "a list of modules").Select(ReadSuspended)]);
    }

    private static SuspendedModule ReadSuspended(JsonPart part)
    {
        if (part.Member("module") is not { } module)
        {
            return new SuspendedModule(ReadModule(part), SuspendTimeout.Default);
        }

        part.Only("module", "timeout");
        return new SuspendedModule(ReadModule(module), ReadTimeout(part.Member("timeout")));
    }

    private static LowLevel.CodeChange ReadCodeChange(JsonPart part, JsonPart target)
    {
        part.Only("code_change", "mode");
        var modules = List(target, "a list of modules, each with its extra");
        ChangeMode? mode = part.Member("mode") is not { } word
            ? null
            : Word(word, OtpWords.ToChangeMode, InstructionFault.BadMode, "\"up\" or \"down\"");
        return new LowLevel.CodeChange(mode, [.. modules.Select(ReadModuleExtra)]);
    }

    private static ModuleExtra ReadModuleExtra(JsonPart part) =>
        (part.Member("module"), part.Member("extra"), part.Members.Count) switch
        {
            ({ } module, { } extra, 2) => new ModuleExtra(ReadModule(module), extra.ToElement()),
            _ => throw Fault(InstructionFault.BadCodeChange, part, "an object with \"module\" and \"extra\""),
        };

    private static LowLevel.SyncNodes ReadSyncNodes(JsonPart part, JsonPart target)
    {
        part.Only("sync_nodes", "nodes");
        var nodes = part.Required("nodes", "a list of nodes, or the function that answers with it");
        return new LowLevel.SyncNodes(target.ToElement(), ReadCall(nodes) is { } call
            ? new SyncedNodes.Computed(call)
            : new SyncedNodes.Named([.. List(nodes, "a list of nodes, or the function that answers with it")
                .Select(node => Name(node, InstructionFault.BadNode, "a node's name in quotes"))]));
    }

    private static LowLevel.Apply ReadApply(JsonPart part, JsonPart target)
    {
        part.Only("apply");
        return new LowLevel.Apply(ReadCall(target) ?? throw Fault(
            InstructionFault.BadInstruction, target, "an object with \"module\", \"function\" and \"arguments\""));
    }

    private static FunctionCall? ReadCall(JsonPart part) =>
        (part.Member("module"), part.Member("function"), part.Member("arguments"), part.Members.Count) switch
        {
            ({ } module, { } function, { } arguments, 3) => new FunctionCall(
                ReadModule(module),
                Name(function, InstructionFault.BadFunction, "a function's name in quotes"),
                arguments.Type == JsonTokenType.StartArray
                    ? [.. arguments.Elements.Select(argument => argument.ToElement())]
                    : throw Fault(InstructionFault.BadArguments, arguments, "a list of arguments")),
            _ => null,
        };

    private static StateChange ReadChange(JsonPart? part) => part switch
    {
        null or { String: "soft" } => new StateChange.Soft(),
        { Members: [("advanced", var extra)] } => new StateChange.Advanced(extra.ToElement()),
        _ => throw Fault(InstructionFault.BadChange, part, "\"soft\", \"supervisor\" or { \"advanced\": EXTRA }"),
    };

    private static SuspendTimeout ReadTimeout(JsonPart? part) => part switch
    {
        null or { String: "default" } => SuspendTimeout.Default,
        { String: "infinity" } => SuspendTimeout.Infinity,
        { Whole: > 0 and var milliseconds } => new SuspendTimeout.After(milliseconds),
        _ => throw Fault(InstructionFault.BadTimeout, part, "\"default\", \"infinity\" or a whole number above 0"),
    };

    private static PurgeMethod ReadPurge(JsonPart? part) => part is null
        ? PurgeMethod.Brutal
        : Word(part, OtpWords.ToPurgeMethod, InstructionFault.BadPurgeMethod, "\"soft_purge\" or \"brutal_purge\"");

    private static ImmutableArray<string> ReadDependsOn(JsonPart part) =>
        part.Member("depends_on") is { } modules ? ReadModules(modules) : [];

    private static ImmutableArray<string> ReadOnlyModules(JsonPart part, JsonPart target, string name)
    {
        part.Only(name);
        return ReadModules(target);
    }

    private static ImmutableArray<string> ReadModules(JsonPart part) => [.. List(part, "a list of modules").Select(ReadModule)];

    private static string ReadModule(JsonPart part) => Name(part, InstructionFault.BadModule, Module);

    private static List<JsonPart> List(JsonPart part, string expected) =>
        part.Type == JsonTokenType.StartArray ? part.Elements : throw Fault(InstructionFault.BadList, part, expected);

    private static string Name(JsonPart part, InstructionFault fault, string expected) =>
        part.String ?? throw Fault(fault, part, expected);

    private static T Word<T>(JsonPart part, Func<string, T?> choose, InstructionFault fault, string expected) where T : struct =>
        part.String is { } word && choose(word) is { } choice ? choice : throw Fault(fault, part, expected);

    private static MalformedException Fault(InstructionFault fault, JsonPart part, string expected) => new(fault, part.Error(expected));

    /// <summary>Carries an error from inside an instruction to its reader.</summary>
    private sealed class MalformedException(InstructionFault fault, FileError error) : Exception(error.ToString())
    {
        public InstructionFault Fault { get; } = fault;

        public FileError Error { get; } = error;
    }
}
