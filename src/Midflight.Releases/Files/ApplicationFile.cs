using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases;

/// <summary>Reads and writes <c>NAME.app.json</c>.</summary>
public static class ApplicationFile
{
    /// <summary>Reads an application. Unknown members are ignored.</summary>
    /// <param name="file">Name of the file, for error messages.</param>
    /// <param name="text">Its bytes.</param>
    /// <returns>The application, or the first error.</returns>
    public static FileRead<ApplicationSpec> Read(string file, ReadOnlyMemory<byte> text) =>
        FileDoor.Read(file, text, Read);

    /// <summary>Writes an application.</summary>
    /// <param name="application">The application.</param>
    /// <returns>The text of the file.</returns>
    public static string Write(ApplicationSpec application) => FileDoor.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("name", application.Name);
        json.WriteString("version", application.Version);
        if (application.Id.Length > 0)
        {
            json.WriteString("id", application.Id);
        }

        json.WriteString("description", application.Description);
        json.WriteStartArray("modules");
        foreach (var module in application.Modules)
        {
            json.WriteLine(line => WriteModule(line, module));
        }

        json.WriteEndArray();
        json.WriteNames("registered", application.Registered);
        json.WriteNames("applications", application.Applications);
        WriteIfAny(json, "optional_applications", application.OptionalApplications);
        WriteIfAny(json, "included_applications", application.IncludedApplications);
        WriteStart(json, application);
        if (!application.Env.IsEmpty)
        {
            json.WriteStartObject("env");
            foreach (var (name, value) in application.Env)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }

            json.WriteEndObject();
        }

        WriteLimit(json, "maxT", application.MaxTime);
        WriteLimit(json, "maxP", application.MaxProcesses);
        json.WriteString("keep", application.Keep == KeepMode.Retained ? "retained" : "unloadable");

        if (application.Together)
        {
            json.WriteBoolean("together", true);
        }

        json.WriteEndObject();
    });

    private static ApplicationSpec Read(JsonPart file)
    {
        // OTP asks for the parameters in this order, so of two errors the same one is reported.
        file.AsObject("an application: an object");
        var name = file.Required("name", "the application's name").AsString("a name in quotes");
        var version = file.Required("version", "the application's version").AsString("a version in quotes");
        return new ApplicationSpec(name, version)
        {
            Id = file.Member("id")?.AsString("text in quotes") ?? "",
            Description = file.Required("description", "a description").AsString("text in quotes"),
            Modules = [.. file.Required("modules", "a list of modules").AsList("a list of modules").Select(ReadModule)],
            Registered = file.Required("registered", "a list of registered names").AsStrings("a list of names", "a name in quotes"),
            Applications = ReadNames(file.Required("applications", "a list of applications")),
            OptionalApplications = ReadOptional(file.Member("optional_applications")),
            IncludedApplications = ReadOptional(file.Member("included_applications")),
            Mod = file.Member("mod") is { IsNull: false } mod ? ReadMod(mod) : null,
            StartPhases = file.Member("start_phases") is { IsNull: false } phases
                ? [.. phases.AsList("a list of start phases").Select(ReadPhase)]
                : null,
            Env = ReadEnv(file.Member("env")),
            MaxTime = file.Member("maxT")?.AsLimit("a whole number above 0, or null"),
            MaxProcesses = file.Member("maxP")?.AsLimit("a whole number above 0, or null"),
            Keep = ReadKeep(file.Member("keep")),
            Together = file.Member("together")?.AsBoolean("true or false") ?? false,
        };
    }

    private static ImmutableArray<string> ReadNames(JsonPart part) => part.AsStrings("a list of applications", "an application's name");

    private static ImmutableArray<string> ReadOptional(JsonPart? part) => part is null ? [] : ReadNames(part);

    private static ModuleSpec ReadModule(JsonPart part)
    {
        if (part.Type != JsonTokenType.StartObject)
        {
            return new ModuleSpec(part.AsString("a module: its name in quotes, or an object with \"module\" and \"vsn\""));
        }

        part.Only("module", "vsn");
        var name = part.Required("module", "the module's name").AsString("a name in quotes");
        return new ModuleSpec(name, part.Member("vsn")?.AsString("a version in quotes"));
    }

    private static StartModule ReadMod(JsonPart part)
    {
        part.AsObject("the start module: an object with \"module\" and \"argument\"").Only("module", "argument");
        var module = part.Required("module", "the start module's name").AsString("a name in quotes");
        return new StartModule(module, part.Member("argument")?.ToElement() ?? JsonElement.Parse("null"));
    }

    private static StartPhase ReadPhase(JsonPart part)
    {
        part.AsObject("a start phase: an object with \"phase\" and \"argument\"").Only("phase", "argument");
        var phase = part.Required("phase", "the phase's name").AsString("a name in quotes");
        return new StartPhase(phase, part.Member("argument")?.ToElement() ?? JsonElement.Parse("null"));
    }

    private static ImmutableArray<KeyValuePair<string, JsonElement>> ReadEnv(JsonPart? part) => part is null
        ? []
        : [.. part.AsObject("the configuration: an object").Members.Select(item => KeyValuePair.Create(item.Name, item.Value.ToElement()))];

    private static KeepMode ReadKeep(JsonPart? part) => part?.AsString("\"unloadable\" or \"retained\"") switch
    {
        null or "unloadable" => KeepMode.Unloadable,
        "retained" => KeepMode.Retained,
        _ => throw new FileRefusedException(part!.Error("\"unloadable\" or \"retained\"")),
    };

    private static void WriteModule(Utf8JsonWriter json, ModuleSpec module)
    {
        if (module.Vsn is null)
        {
            json.WriteStringValue(module.Name);
            return;
        }

        json.WriteStartObject();
        json.WriteString("module", module.Name);
        json.WriteString("vsn", module.Vsn);
        json.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter json, ApplicationSpec application)
    {
        if (application.Mod is { } mod)
        {
            json.WriteStartObject("mod");
            json.WriteString("module", mod.Module);
            json.WritePropertyName("argument");
            mod.Argument.WriteTo(json);
            json.WriteEndObject();
        }

        if (application.StartPhases is { } phases)
        {
            json.WriteStartArray("start_phases");
            foreach (var phase in phases)
            {
                json.WriteStartObject();
                json.WriteString("phase", phase.Name);
                json.WritePropertyName("argument");
                phase.Argument.WriteTo(json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }
    }

    private static void WriteIfAny(Utf8JsonWriter json, string name, ImmutableArray<string> names)
    {
        if (!names.IsEmpty)
        {
            json.WriteNames(name, names);
        }
    }

    private static void WriteLimit(Utf8JsonWriter json, string name, long? limit)
    {
        if (limit is { } number)
        {
            json.WriteNumber(name, number);
        }
    }
}
