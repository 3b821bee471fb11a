using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Midflight.Host.Control.Requests;

namespace Midflight.Host.Control;

/// <summary>The format of values on the wire and in the output of <c>--json</c>: camelCase, words for enums, no nulls.</summary>
internal static class ControlJson
{
    // The generated part makes node and client start faster; the rest saves an entry here for each new request.
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        TypeInfoResolver = JsonTypeInfoResolver.Combine(ControlJsonContext.Default, new DefaultJsonTypeInfoResolver()),
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));
}

/// <summary>The requests that every node answers, generated for a quick start.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PingRequest))]
[JsonSerializable(typeof(PingReply))]
[JsonSerializable(typeof(StatusRequest))]
[JsonSerializable(typeof(StatusReply))]
[JsonSerializable(typeof(ReleasesRequest))]
[JsonSerializable(typeof(ReleasesReply))]
[JsonSerializable(typeof(UnpackRequest))]
[JsonSerializable(typeof(UnpackReply))]
[JsonSerializable(typeof(CheckRequest))]
[JsonSerializable(typeof(CheckReply))]
[JsonSerializable(typeof(InstallRequest))]
[JsonSerializable(typeof(InstallReply))]
[JsonSerializable(typeof(CommitRequest))]
[JsonSerializable(typeof(CommitReply))]
[JsonSerializable(typeof(DowngradeRequest))]
[JsonSerializable(typeof(RemoveRequest))]
[JsonSerializable(typeof(RemoveReply))]
[JsonSerializable(typeof(StopRequest))]
[JsonSerializable(typeof(StopReply))]
[JsonSerializable(typeof(RestartRequest))]
[JsonSerializable(typeof(ProgressReport))]
internal sealed partial class ControlJsonContext : JsonSerializerContext;
