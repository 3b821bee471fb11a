namespace Midflight.Releases;

/// <summary>Reads and writes <c>boot.json</c>.</summary>
public static class BootFile
{
    /// <summary>Reads a boot script.</summary>
    /// <param name="file">Name of the file, for error messages.</param>
    /// <param name="text">Its bytes.</param>
    /// <returns>The boot script, or the first error.</returns>
    public static FileRead<BootScript> Read(string file, ReadOnlyMemory<byte> text) => FileDoor.Read(file, text, Read);

    /// <summary>Writes a boot script.</summary>
    /// <param name="script">The script.</param>
    /// <returns>The text of the file.</returns>
    public static string Write(BootScript script) => FileDoor.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("name", script.Name);
        json.WriteString("version", script.Version);
        json.WriteStartArray("code");
        foreach (var code in script.Code)
        {
            json.WriteStartObject();
            json.WriteString("application", code.Application);
            json.WriteString("version", code.Version);
            json.WriteString("folder", code.Folder);
            json.WriteNames("modules", code.Modules);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNames("load", script.Load);
        json.WriteStartArray("start");
        foreach (var start in script.Start)
        {
            json.WriteLine(line =>
            {
                line.WriteStartObject();
                line.WriteString("application", start.Application);
                line.WriteString("type", OtpWords.Of(start.Type));
                line.WriteEndObject();
            });
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static BootScript Read(JsonPart file)
    {
        file.AsObject("a boot script: an object").Only("name", "version", "code", "load", "start");
        return new BootScript(
            file.Required("name", "the release's name").AsString("a name in quotes"),
            file.Required("version", "the release's version").AsString("a version in quotes"),
            [.. file.Required("code", "the code of the applications").AsList("a list").Select(ReadCode)],
            file.Required("load", "a list of applications").AsStrings("a list of applications", "an application's name"),
            [.. file.Required("start", "a list of applications").AsList("a list").Select(ReadStart)]);
    }

    private static BootCode ReadCode(JsonPart part)
    {
        part.AsObject("the code of an application: an object").Only("application", "version", "folder", "modules");
        return new BootCode(
            part.Required("application", "the application's name").AsString("a name in quotes"),
            part.Required("version", "the application's version").AsString("a version in quotes"),
            part.Required("folder", "the folder of the code").AsString("a folder in quotes"),
            part.Required("modules", "a list of modules").AsStrings("a list of modules", "a module's name"));
    }

    private static BootStart ReadStart(JsonPart part)
    {
        const string Words = "\"permanent\", \"transient\" or \"temporary\"";
        part.AsObject("an application to start: an object").Only("application", "type");
        var type = part.Required("type", Words);
        return new BootStart(
            part.Required("application", "the application's name").AsString("a name in quotes"),
            OtpWords.ToStartType(type.AsString(Words)) is { } start and not (StartType.Load or StartType.None)
                ? start
                : throw new FileRefusedException(type.Error(Words)));
    }
}
