using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Midflight;

// A table as a file: a line that identifies it, a line of JSON for each entry, and a line with the number of entries.
public sealed partial class Table<TKey, TValue>
{
    private sealed record Header(int Midflight, TableKind Kind, string? Name);

    private sealed record Footer(long Count);

    private sealed record Line(TKey Key, TValue Value);

    /// <summary>Writes the entries to a file: OTP's <c>tab2file</c>.</summary>
    /// <param name="path">The file. An existing file is replaced when everything is written.</param>
    /// <param name="cancellation">Stops writing; an existing file stays.</param>
    /// <exception cref="NotSupportedException">A key or value could not be restored from JSON exactly: it has a type other than its place's, a collection has a comparer, or it is a part of .NET or of the node that is more than its fields. An existing file stays.</exception>
    /// <exception cref="IOException">The file cannot be written; an existing one stays.</exception>
    /// <remarks>Like an enumeration: an ordered set as of one moment; other tables, each entry that stays all the while.</remarks>
    public async Task Save(string path, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var json = new TableJson();
        var written = $"{path}.{Guid.NewGuid():N}";

        try
        {
            await using (var file = new StreamWriter(written))
            {
                await file.WriteLineAsync(json.Write(new Header(1, Store.Kind, Name)));
                var count = 0L;

                foreach (var (key, value) in this)
                {
                    cancellation.ThrowIfCancellationRequested();
                    json.Check(key, nameof(Line.Key));
                    json.Check(value, nameof(Line.Value));
                    await file.WriteLineAsync(json.Write(new Line(key, value)));
                    count++;
                }

                await file.WriteLineAsync(json.Write(new Footer(count)));
            }

            File.Move(written, path, overwrite: true);
        }
        finally
        {
            File.Delete(written);
        }
    }

    /// <summary>Creates a table with the entries of a file that <see cref="Save"/> wrote: OTP's <c>file2tab</c>. The calling process owns it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="access">Who else may use it. Default: others may read.</param>
    /// <param name="name">For <see cref="Find"/>. Default: the name that the table had; an empty string for none.</param>
    /// <param name="cancellation">Stops reading; then no table is created.</param>
    /// <exception cref="InvalidDataException">The file is not a table, is truncated, or has an entry of other types or with other fields; the message names the line.</exception>
    /// <exception cref="InvalidOperationException">The name is taken, or this is not a process.</exception>
    [SuppressMessage("Design", "CA1000", Justification = "The types are those of the table.")]
    public static async Task<Table<TKey, TValue>> Load(
        string path, TableAccess access = TableAccess.Protected, string? name = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var json = new TableJson();
        using var file = new StreamReader(path);
        var line = 1;

        var header = HeaderOf(await file.ReadLineAsync(cancellation)) ?? throw Damaged("this file was not written by Save. Name another file");

        var entries = new List<KeyValuePair<TKey, TValue>>();

        while (true)
        {
            line++;
            var text = await file.ReadLineAsync(cancellation) ?? throw Damaged("the file is truncated. Save it again");

            if (text.StartsWith("{\"Count\"", StringComparison.Ordinal))
            {
                return Read<Footer>(text)?.Count == entries.Count
                    ? Loaded()
                    : throw Damaged($"the last line gives another number of entries than the {entries.Count} before it. Save it again");
            }

            entries.Add(Read<Line>(text) is { Key: { } key, Value: { } value } ? new(key, value) : throw Damaged($"{Excerpt.Of(text, longest: 200)} has no key or no value"));
        }

        Header? HeaderOf(string? text)
        {
            try
            {
                return text is not null && json.Read<Header>(text) is { Midflight: 1 } read ? read : null;
            }
            // A different kind of file.
            catch (JsonException)
            {
                return null;
            }
        }

        T? Read<T>(string text)
        {
            try
            {
                return json.Read<T>(text);
            }
            // JSON of something else, or of types that cannot be created.
            catch (Exception exception) when (exception is JsonException or NotSupportedException or InvalidOperationException)
            {
                throw Damaged($"{Excerpt.Of(text, longest: 200)} is not an entry of {typeof(TKey)} and {typeof(TValue)} ({exception.Message})");
            }
        }

        InvalidDataException Damaged(string why) => new($"{path}, line {line}: {why}.");

        Table<TKey, TValue> Loaded()
        {
            var table = new Table<TKey, TValue>(header.Kind, access, name is null ? header.Name : name.Length == 0 ? null : name);
            table.Insert(entries);
            return table;
        }
    }
}
