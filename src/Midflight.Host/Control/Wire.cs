using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Midflight.Host.Control;

/// <summary>JSON-RPC 2.0, an object a line: how each message is written.</summary>
/// <remarks>
/// <code>
/// → {"jsonrpc":"2.0","id":1,"method":"install","params":{"version":"0.2.0"}}
/// ← {"jsonrpc":"2.0","method":"progress","params":{"id":1,"step":"rehearse","text":"…"}}
/// ← {"jsonrpc":"2.0","id":1,"result":{…}}            or
/// ← {"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"…","data":{…}}}
/// </code>
/// Requests of one connection run side by side; an answer is known by its id. There are no batches.
/// </remarks>
internal static class Wire
{
    /// <summary>Longest line that is read, 16 MiB: an expression of the shell travels with its compiled code.</summary>
    public const int LongestLine = 16 * 1024 * 1024;

    /// <summary>The notification by which the node tells how far a request is.</summary>
    public const string Progress = "progress";

    public static byte[] Request<T>(long id, string method, T parameters, JsonTypeInfo<T> type) => Line(json =>
    {
        json.WriteNumber("id", id);
        json.WriteString("method", method);
        json.WritePropertyName("params");
        JsonSerializer.Serialize(json, parameters, type);
    });

    public static byte[] Result<T>(JsonElement id, T result, JsonTypeInfo<T> type) => Line(json =>
    {
        WriteId(json, id);
        json.WritePropertyName("result");
        JsonSerializer.Serialize(json, result, type);
    });

    public static byte[] Error(JsonElement id, int code, string message, JsonElement? data = null) => Line(json =>
    {
        WriteId(json, id);
        json.WriteStartObject("error");
        json.WriteNumber("code", code);
        json.WriteString("message", message);
        if (data is { } details)
        {
            json.WritePropertyName("data");
            details.WriteTo(json);
        }

        json.WriteEndObject();
    });

    public static byte[] ProgressOf(JsonElement id, ProgressReport report) => Line(json =>
    {
        json.WriteString("method", Progress);
        json.WriteStartObject("params");
        WriteId(json, id);
        json.WriteString("step", report.Step);
        json.WriteString("text", report.Text);
        json.WriteEndObject();
    });

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = ControlJson.Options.Encoder }))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc", "2.0");
            write(json);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    // An answer to what could not be read has the id null, as the standard says.
    private static void WriteId(Utf8JsonWriter json, JsonElement id)
    {
        json.WritePropertyName("id");
        if (id.ValueKind is JsonValueKind.Undefined)
        {
            json.WriteNullValue();
        }
        else
        {
            // As it came: a text need not be one of Unicode, and a number may be larger than any of .NET.
            json.WriteRawValue(id.GetRawText(), skipInputValidation: true);
        }
    }
}
