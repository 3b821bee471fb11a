namespace Midflight.Releases;

/// <summary>Reads and writes <c>NAME.rel.json</c>.</summary>
public static class ReleaseFile
{
    /// <summary>Reads a release.</summary>
    /// <param name="file">Name of the file, for complaints.</param>
    /// <param name="text">Its bytes.</param>
    /// <returns>The release, or the first mistake.</returns>
    public static FileRead<ReleaseSpec> Read(string file, ReadOnlyMemory<byte> text) => FileDoor.Read(file, text, Read);

    /// <summary>Writes a release.</summary>
    /// <param name="release">What to write.</param>
    /// <returns>The text of the file.</returns>
    public static string Write(ReleaseSpec release) => FileDoor.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("name", release.Name);
        json.WriteString("version", release.Version);
        json.WriteString("runtime", release.Runtime);
        json.WriteStartArray("applications");
        foreach (var application in release.Applications)
        {
            json.WriteLine(line =>
            {
                line.WriteStartObject();
                line.WriteString("name", application.Name);
                line.WriteString("version", application.Version);
                line.WriteString("type", OtpWords.Of(application.Type));
                if (application.Included is { } included)
                {
                    line.WriteNames("included", included);
                }

                line.WriteEndObject();
            });
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static ReleaseSpec Read(JsonPart file)
    {
        file.AsObject("a release: an object").Only("name", "version", "runtime", "applications");
        var applications = file.Required("applications", "a list of applications").AsList("a list of applications");
        return new ReleaseSpec(
            file.Required("name", "the release's name").AsString("a name in quotes"),
            file.Required("version", "the release's version").AsString("a version in quotes"),
            file.Required("runtime", "the runtime's version").AsString("a version in quotes"),
            [.. applications.Select(ReadApplication)]);
    }

    private static ReleaseApplication ReadApplication(JsonPart part)
    {
        part.AsObject("an application: an object with \"name\" and \"version\"").Only("name", "version", "type", "included");
        return new ReleaseApplication(
            part.Required("name", "the application's name").AsString("a name in quotes"),
            part.Required("version", "the application's version").AsString("a version in quotes"),
            ReadType(part.Member("type")),
            part.Member("included")?.AsStrings("a list of applications", "an application's name"));
    }

    private static StartType ReadType(JsonPart? part)
    {
        const string Words = "\"permanent\", \"transient\", \"temporary\", \"load\" or \"none\"";
        return part is null
            ? StartType.Permanent
            : OtpWords.ToStartType(part.AsString(Words)) ?? throw new FileRefusedException(part.Error(Words));
    }
}
