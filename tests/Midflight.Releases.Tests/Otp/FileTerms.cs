using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using static Midflight.Releases.Tests.Otp.TermJson;

namespace Midflight.Releases.Tests.Otp;

/// <summary>Writes the files of OTP as ours, mistakes and all, and lets our readers read them.</summary>
internal static class FileTerms
{
    // An application of OTP that says nothing of it uses, includes and configures nothing.
    private static readonly (string Key, string Member, Func<ErlangTerm, JsonNode?> Value)[] Parameters =
    [
        ("vsn", "version", Text),
        ("id", "id", Text),
        ("description", "description", Text),
        ("modules", "modules", Names),
        ("registered", "registered", Names),
        ("applications", "applications", Names),
        ("optional_applications", "optional_applications", Names),
        ("included_applications", "included_applications", Names),
        ("mod", "mod", Mod),
        ("start_phases", "start_phases", Phases),
        ("env", "env", Env),
        ("maxT", "maxT", Limit),
        ("maxP", "maxP", Limit),
    ];

    public static FileRead<ReleaseSpec> Release(string file, ReadOnlyMemory<byte>? bytes) =>
        Read(file, bytes, ReleaseFile.Read, Release);

    public static FileRead<ApplicationSpec> Application(string file, ReadOnlyMemory<byte>? bytes) =>
        Read(file, bytes, ApplicationFile.Read, Application);

    public static FileRead<Appup> Appup(string file, ReadOnlyMemory<byte>? bytes) =>
        Read(file, bytes, AppupFile.Read, Appup);

    public static FileRead<Relup> Relup(string file, ReadOnlyMemory<byte>? bytes) =>
        Read(file, bytes, RelupFile.Read, Relup);

    public static JsonNode Application(ErlangTerm term)
    {
        if (term.Tagged("application") is not [_, ErlangTerm.Atom name, ErlangTerm.List(var items)])
        {
            return Odd(term);
        }

        var file = new JsonObject { ["name"] = Name(name) };
        foreach (var (key, member, value) in Parameters)
        {
            if (items.FirstOrDefault(item => item.Tagged(key) is not null) is ErlangTerm.Tuple(var item))
            {
                file[member] = item is [_, var given] ? value(given) : NoPair(item);
            }
        }

        return file;
    }

    // What no parameter can be, whichever it is.
    private static JsonArray NoPair(ImmutableArray<ErlangTerm> item) => new(new JsonArray("no_pair", item.Length));

    /// <summary>A description: text as it is, anything else in a form of its own.</summary>
    public static string Description(ErlangTerm term) => term.Text ?? Any(term).ToJsonString();

    private static JsonNode Release(ErlangTerm term) => term.Tagged("release") is
        [_, ErlangTerm.Tuple { Elements: [var name, var version] }, ErlangTerm.Tuple { Elements: [ErlangTerm.Atom("erts"), var erts] }, var applications]
        ? new JsonObject
        {
            ["name"] = Text(name),
            ["version"] = Text(version),
            ["runtime"] = Text(erts),
            ["applications"] = List(applications, ReleaseApplication),
        }
        : Odd(term);

    private static JsonNode ReleaseApplication(ErlangTerm term) => term switch
    {
        ErlangTerm.Tuple { Elements: [var name, var version] } => Listed(name, version),
        ErlangTerm.Tuple { Elements: [var name, var version, ErlangTerm.List included] } => Listed(name, version, null, included),
        ErlangTerm.Tuple { Elements: [var name, var version, var type] } => Listed(name, version, type),
        ErlangTerm.Tuple { Elements: [var name, var version, var type, var included] } => Listed(name, version, type, included),
        _ => Odd(term),
    };

    private static JsonObject Listed(ErlangTerm name, ErlangTerm version, ErlangTerm? type = null, ErlangTerm? included = null)
    {
        var listed = new JsonObject { ["name"] = Name(name), ["version"] = Text(version) };
        if (type is not null)
        {
            listed["type"] = Name(type);
        }

        if (included is not null)
        {
            listed["included"] = Names(included);
        }

        return listed;
    }

    private static JsonNode Appup(ErlangTerm term) => term is ErlangTerm.Tuple { Elements: [var version, var up, var down] }
        ? new JsonObject { ["version"] = Text(version), ["up"] = List(up, Entry), ["down"] = List(down, Entry) }
        : Odd(term);

    private static JsonNode Entry(ErlangTerm term) => term switch
    {
        ErlangTerm.Tuple { Elements: [ErlangTerm.Binary(var pattern), var script] } =>
            new JsonObject { ["from_matching"] = Encoding.UTF8.GetString([.. pattern]), ["instructions"] = InstructionTerm.Script(script) },
        ErlangTerm.Tuple { Elements: [var version, var script] } =>
            new JsonObject { ["from"] = Text(version), ["instructions"] = InstructionTerm.Script(script) },
        _ => Odd(term),
    };

    private static JsonNode Relup(ErlangTerm term) => term is ErlangTerm.Tuple { Elements: [var version, var up, var down] }
        ? new JsonObject
        {
            ["version"] = Text(version),
            ["up"] = List(up, script => Script(script, "from")),
            ["down"] = List(down, script => Script(script, "to")),
        }
        : Odd(term);

    private static JsonNode Script(ErlangTerm term, string other) =>
        term is ErlangTerm.Tuple { Elements: [var version, var description, var script] }
            ? new JsonObject
            {
                [other] = Text(version),
                ["description"] = Description(description),
                ["instructions"] = InstructionTerm.Script(script),
            }
            : Odd(term);

    private static JsonNode Names(ErlangTerm term) => List(term, Name);

    private static JsonNode? Mod(ErlangTerm term) => term switch
    {
        ErlangTerm.List([]) => null,
        ErlangTerm.Tuple { Elements: [var module, var argument] } =>
            new JsonObject { ["module"] = Name(module), ["argument"] = Any(argument) },
        _ => Odd(term),
    };

    private static JsonNode? Phases(ErlangTerm term) => term is ErlangTerm.Atom("undefined")
        ? null
        : List(term, phase => phase is ErlangTerm.Tuple { Elements: [var name, var argument] }
            ? new JsonObject { ["phase"] = Name(name), ["argument"] = Any(argument) }
            : Odd(phase));

    private static JsonNode Env(ErlangTerm term)
    {
        if (term is not ErlangTerm.List(var items)
            || !items.All(item => item is ErlangTerm.Tuple { Elements: [ErlangTerm.Atom, _] }))
        {
            return new JsonArray(Any(term));
        }

        var env = new JsonObject();
        foreach (var (name, value) in items.Select(item => ((ErlangTerm.Atom)((ErlangTerm.Tuple)item).Elements[0], ((ErlangTerm.Tuple)item).Elements[1])))
        {
            env[name.Name] = Any(value);
        }

        return env;
    }

    private static JsonNode? Limit(ErlangTerm term) => term is ErlangTerm.Atom("infinity") ? null : NumberOrWord(term);

    private static FileRead<T> Read<T>(
        string file,
        ReadOnlyMemory<byte>? bytes,
        Func<string, ReadOnlyMemory<byte>, FileRead<T>> read,
        Func<ErlangTerm, JsonNode> write)
        where T : class
    {
        if (bytes is null)
        {
            return new FileError(file, 0, 0, "no such file", "a file") { Fault = FileFault.NotFound };
        }

        try
        {
            return read(file, ErlangReader.ReadFirst(bytes.Value.Span) is { } term ? Bytes(write(term)) : ReadOnlyMemory<byte>.Empty);
        }
        catch (FormatException)
        {
            // What is no Erlang there is no JSON here.
            return read(file, "no JSON"u8.ToArray());
        }
    }
}
