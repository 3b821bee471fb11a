using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases.Packages;

/// <summary>The contents of a release, file by file: <c>releases/VERSION/manifest.json</c>.</summary>
/// <param name="Name">The name of the release.</param>
/// <param name="Version">Its version.</param>
/// <param name="Midflight">The version of Midflight that runs it; its folder is <c>lib/midflight-VERSION</c>.</param>
/// <param name="Runtime">The minimum version of .NET that it needs; a newer one with the same major number also works.</param>
/// <param name="IncludedRuntime">The version of the .NET that it includes, or null.</param>
/// <param name="Files">
/// Every file but this one, by its path from the root with <c>/</c> between folders, in ordinal order.
/// </param>
public sealed record ReleaseManifest(
    string Name,
    string Version,
    string Midflight,
    string Runtime,
    string? IncludedRuntime,
    ImmutableSortedDictionary<string, FileDigest> Files)
{
    /// <summary>The name of the file, in the folder of its release.</summary>
    internal const string FileName = "manifest.json";

    /// <summary>The name of the file with its signatures, beside it.</summary>
    internal const string SignatureFileName = "manifest.sig";

    /// <summary>The path of the signatures from the root of the release; the file exists if the release is signed.</summary>
    public string SignaturePath => $"releases/{Version}/{SignatureFileName}";

    /// <summary>The path of the file from the root of the release.</summary>
    public string FilePath => $"releases/{Version}/{FileName}";

    /// <summary>The folders <c>lib/APPLICATION-VERSION</c> and <c>runtime-VERSION</c> that the release needs.</summary>
    public ImmutableSortedSet<string> Folders =>
        Files.Keys.Select(FolderOf).OfType<string>().ToImmutableSortedSet(StringComparer.Ordinal);

    /// <summary>Digests the files of a release on disk.</summary>
    /// <param name="layout">Its folder.</param>
    /// <param name="name">The name of the release.</param>
    /// <param name="version">Its version.</param>
    /// <param name="midflight">The version of Midflight in <c>lib</c>.</param>
    /// <param name="runtime">The minimum version of .NET that it needs.</param>
    /// <param name="includedRuntime">The version of the .NET in <c>runtime-VERSION</c>, or null.</param>
    /// <param name="files">Its files, by path from the root with <c>/</c> between folders.</param>
    public static ReleaseManifest Of(
        ReleaseLayout layout,
        string name,
        string version,
        string midflight,
        string runtime,
        string? includedRuntime,
        IEnumerable<string> files)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return new(name, version, midflight, runtime, includedRuntime, files.ToImmutableSortedDictionary(
            path => path, path => FileDigest.Of(Path.Combine(layout.Root, path)), StringComparer.Ordinal));
    }

    /// <summary>Reads the manifest of a release on disk.</summary>
    /// <exception cref="InvalidDataException">The file was not written by <see cref="ToJson"/>.</exception>
    public static ReleaseManifest Read(ReleaseLayout layout, string version)
    {
        ArgumentNullException.ThrowIfNull(layout);
        return FromJson(File.ReadAllBytes(layout.ManifestFile(version)));
    }

    /// <summary>Reads a manifest.</summary>
    /// <exception cref="InvalidDataException">The text was not written by <see cref="ToJson"/>.</exception>
    public static ReleaseManifest FromJson(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var files = ImmutableSortedDictionary.CreateBuilder<string, FileDigest>(StringComparer.Ordinal);

            foreach (var file in root.GetProperty("files").EnumerateObject())
            {
                files.Add(file.Name, new FileDigest(Text(file.Value, "sha256"), file.Value.GetProperty("size").GetInt64()));
            }

            return new(
                Word(root, "name"),
                Word(root, "version"),
                Word(root, "midflight"),
                Word(root, "runtime"),
                root.TryGetProperty("includedRuntime", out _) ? Word(root, "includedRuntime") : null,
                files.ToImmutable());
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException
            or FormatException or ArgumentException)
        {
            throw new InvalidDataException(error.Message, error);
        }
    }

    /// <summary>The manifest as written: the same text for the same content.</summary>
    public byte[] ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("name", Name);
            json.WriteString("version", Version);
            json.WriteString("midflight", Midflight);
            json.WriteString("runtime", Runtime);
            if (IncludedRuntime is not null)
            {
                json.WriteString("includedRuntime", IncludedRuntime);
            }

            json.WriteStartObject("files");
            foreach (var (path, digest) in Files)
            {
                json.WriteStartObject(path);
                json.WriteString("sha256", digest.Sha256);
                json.WriteNumber("size", digest.Size);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The folder that is put in place as a whole; null for a file in <c>bin</c> or <c>releases</c>.</summary>
    internal static string? FolderOf(string path) => path.Split('/') switch
    {
        ["lib", var library, _, ..] => $"lib/{library}",
        [var runtime, _, ..] when runtime.StartsWith("runtime-", StringComparison.Ordinal) => runtime,
        _ => null,
    };

    // Folder names are made of these, so they must not lead anywhere else.
    private static string Word(JsonElement parent, string name)
    {
        var word = Text(parent, name);
        return word is not ['.', ..] and not "" && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "._+-".Contains(letter))
            ? word
            : throw new JsonException($"\"{name}\" is \"{word}\", which cannot be part of a file name.");
    }

    private static string Text(JsonElement parent, string name) =>
        parent.GetProperty(name).GetString() ?? throw new JsonException($"\"{name}\" is null.");
}
