using System.Text;
using System.Text.Json;
using Midflight.Fuzz;

namespace Midflight.Host.Tests.Control;

/// <summary>Whatever comes to the control channel, each line that is no notification has one answer, and the next client is served.</summary>
public sealed class ControlMutationTests : IDisposable
{
    private static readonly string[] s_values =
    [
        ",null", ",1e999", ",[[[[", ",{\"update\":{}}", ",\"\\ud800\"", ",\"id\":2", ",-0", ",\"method\":1", "\"id\":\"\\ud83d\"", "\"params\":[]", "\"jsonrpc\":\"1.0\"", "\0", "\r", "\u00e4\ud83d\ude00",
    ];

    private static readonly byte[] s_request = """{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":"hello","more":[1,2.5,true,null,{"a":"b"}]}}"""u8.ToArray();

    private readonly ControlFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public Task Mutated_requests_are_answered() => Survive(5_000);

    [Fact]
    [Trait("Category", "Soak")]
    public Task A_million_mutated_requests_are_answered() => Survive(Mutant.Many);

    private async Task Survive(int count)
    {
        await using var server = _fixture.Server().Handle<EchoRequest, EchoReply>((request, _, _) => new(new EchoReply(request.Text)));
        server.Start();

        for (var number = 0; number < count;)
        {
            using var client = _fixture.Raw();

            for (var left = 100; left > 0 && number < count; left--, number++)
            {
                // One line: what is behind an end of line would be another request.
                var line = Mutant.Of(s_request, Mutant.Chance(number), s_values).Where(letter => letter != (byte)'\n').ToArray();
                client.Socket.Send([.. line, (byte)'\n']);

                // Behind it one that is right; so it is known whether an answer came before.
                client.Send("{\"jsonrpc\":\"2.0\",\"id\":\"next\",\"method\":\"echo\",\"params\":{\"text\":\"next\"}}\n");
                var answers = new List<JsonElement> { await client.Line() };

                // They run side by side, so that of the right one can be the first.
                if (line.Length > 0 && !IsNotification(line))
                {
                    answers.Add(await client.Line());
                }

                Assert.True(
                    answers.Any(answer => answer.GetProperty("id") is { ValueKind: JsonValueKind.String } id && Text(id) == "next"),
                    $"{Mutant.Name(number)} has no answer, or more than one: {Encoding.UTF8.GetString(line)}\n{string.Join('\n', answers)}");
            }
        }
    }

    // An id that is half a character is none that can be read.
    private static string? Text(JsonElement id)
    {
        try
        {
            return id.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    // A request that is right but for having no id.
    private static bool IsNotification(byte[] line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement is { ValueKind: JsonValueKind.Object } request
                && request.TryGetProperty("jsonrpc", out var version) && version.ValueKind == JsonValueKind.String && version.ValueEquals("2.0")
                && request.TryGetProperty("method", out var method) && method.ValueKind == JsonValueKind.String
                && !request.TryGetProperty("id", out _);
        }
        catch (Exception unread) when (unread is JsonException or InvalidOperationException)
        {
            return false;
        }
    }
}
