using System.Collections.Immutable;
using System.Text.Json.Nodes;
using static Midflight.Releases.Tests.Otp.TermJson;

namespace Midflight.Releases.Tests.Otp;

/// <summary>Writes an instruction of OTP as our files do.</summary>
internal static class InstructionTerm
{
    /// <summary>The instructions of a script. A list among them stands for its elements, which then must be in long form.</summary>
    public static JsonNode Script(ErlangTerm script)
    {
        if (script is not ErlangTerm.List(var steps))
        {
            return Odd(script);
        }

        var written = new JsonArray();
        foreach (var step in steps)
        {
            if (step is ErlangTerm.List(var nested))
            {
                foreach (var inner in nested)
                {
                    written.Add(Long(inner) ?? Odd(inner));
                }
            }
            else
            {
                written.Add(Short(step) ?? Long(step) ?? Odd(step));
            }
        }

        return written;
    }

    private static JsonObject? Short(ErlangTerm term) => Parts(term) switch
    {
        ("load_module", [var module]) => Module("load_module", module),
        ("load_module", [var module, ErlangTerm.List deps]) => Module("load_module", module, deps),
        ("update", [var module]) => Module("update", module),
        ("update", [var module, ErlangTerm.Atom("supervisor")]) => With(Module("update", module), "change", "supervisor"),
        ("update", [var module, ErlangTerm.List deps]) => Module("update", module, deps),
        ("update", [var module, (ErlangTerm.Tuple or ErlangTerm.Atom("soft")) and var change]) =>
            With(Module("update", module), "change", Change(change)),
        ("update", [var module, (ErlangTerm.Tuple or ErlangTerm.Atom("soft")) and var change, ErlangTerm.List deps]) =>
            With(Module("update", module, deps), "change", Change(change)),
        ("add_application", [var application]) => new JsonObject { ["add_application"] = Name(application) },
        _ => null,
    };

    private static JsonNode? Long(ErlangTerm term) => term is ErlangTerm.Atom ? Name(term) : Parts(term) switch
    {
        ("load_module", [var module, var pre, var post, var deps]) => Purged(Module("load_module", module, deps), pre, post),
        ("update", [var module, var change, var pre, var post, var deps]) =>
            With(Purged(Module("update", module, deps), pre, post), "change", Change(change)),
        ("update", [var module, var timeout, var change, var pre, var post, var deps]) =>
            With(With(Purged(Module("update", module, deps), pre, post), "change", Change(change)), "timeout", NumberOrWord(timeout)),
        ("update", [var module, var type, var timeout, var change, var pre, var post, var deps]) =>
            With(With(With(Purged(Module("update", module, deps), pre, post), "change", Change(change)), "timeout", NumberOrWord(timeout)), "type", Name(type)),
        (("add_module" or "delete_module") and var name, [var module]) => Module(name, module),
        (("add_module" or "delete_module") and var name, [var module, var deps]) => Module(name, module, deps),
        ("add_application", [var application, var type]) =>
            new JsonObject { ["add_application"] = Name(application), ["type"] = Name(type) },
        (("remove_application" or "restart_application") and var name, [var application]) => new JsonObject { [name] = Name(application) },
        ("load_object_code", [ErlangTerm.Tuple { Elements: [var library, var version, var modules] }]) =>
            new JsonObject { ["load_object_code"] = Name(library), ["version"] = Text(version), ["modules"] = List(modules, Name) },
        (("load" or "remove") and var name, [ErlangTerm.Tuple { Elements: [var module, var pre, var post] }]) =>
            Purged(new JsonObject { [name] = Name(module) }, pre, post),
        (("purge" or "resume" or "stop" or "start") and var name, [var modules]) => new JsonObject { [name] = List(modules, Name) },
        ("suspend", [var modules]) => new JsonObject { ["suspend"] = List(modules, Suspended) },
        ("code_change", [var modules]) => new JsonObject { ["code_change"] = List(modules, Changed) },
        ("code_change", [var mode, var modules]) => new JsonObject { ["code_change"] = List(modules, Changed), ["mode"] = Name(mode) },
        ("sync_nodes", [var id, ErlangTerm.Tuple { Elements: [_, _, _] } call]) =>
            new JsonObject { ["sync_nodes"] = Any(id), ["nodes"] = Call(call) },
        ("sync_nodes", [var id, var nodes]) => new JsonObject { ["sync_nodes"] = Any(id), ["nodes"] = List(nodes, Name) },
        ("apply", [ErlangTerm.Tuple { Elements: [_, _, _] } call]) => new JsonObject { ["apply"] = Call(call) },
        (("load_object_code" or "apply") and var name, [var other]) => new JsonObject { [name] = Odd(other) },
        _ => null,
    };

    private static (string Name, ImmutableArray<ErlangTerm> Arguments) Parts(ErlangTerm term) =>
        term is ErlangTerm.Tuple { Elements: [ErlangTerm.Atom(var name), .. var arguments] } ? (name, arguments) : ("", []);

    private static JsonObject Module(string name, ErlangTerm module) => new() { [name] = Name(module) };

    private static JsonObject Module(string name, ErlangTerm module, ErlangTerm deps) =>
        With(Module(name, module), "depends_on", List(deps, Name));

    private static JsonObject Purged(JsonObject instruction, ErlangTerm pre, ErlangTerm post) =>
        With(With(instruction, "pre_purge", Name(pre)), "post_purge", Name(post));

    private static JsonNode Change(ErlangTerm change) => change switch
    {
        ErlangTerm.Atom("soft") => Name(change),
        ErlangTerm.Tuple { Elements: [ErlangTerm.Atom("advanced"), var extra] } => new JsonObject { ["advanced"] = Any(extra) },
        _ => Odd(change),
    };

    private static JsonNode Suspended(ErlangTerm term) => term is ErlangTerm.Tuple { Elements: [var module, var timeout] }
        ? new JsonObject { ["module"] = Name(module), ["timeout"] = NumberOrWord(timeout) }
        : Name(term);

    private static JsonNode Changed(ErlangTerm term) => term is ErlangTerm.Tuple { Elements: [var module, var extra] }
        ? new JsonObject { ["module"] = Name(module), ["extra"] = Any(extra) }
        : Odd(term);

    private static JsonObject Call(ErlangTerm.Tuple call) => new()
    {
        ["module"] = Name(call.Elements[0]),
        ["function"] = Name(call.Elements[1]),
        ["arguments"] = List(call.Elements[2], Any),
    };

    private static JsonObject With(JsonObject instruction, string member, JsonNode value)
    {
        instruction[member] = value;
        return instruction;
    }
}
