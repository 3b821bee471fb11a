using System.Text.Json;

namespace Midflight.Releases;

/// <summary>What an <see cref="LowLevel.Apply"/> of the module <c>application</c> asks the node to do.</summary>
public abstract record ApplicationCall
{
    private const string Node = "application";

    private ApplicationCall() { }

    /// <summary>Name of the application.</summary>
    public required string Application { get; init; }

    /// <summary>Loads the specification of the application.</summary>
    public sealed record Load : ApplicationCall;

    /// <summary>Starts the application.</summary>
    /// <param name="Type">What its end means for the node.</param>
    public sealed record Start(StartType Type) : ApplicationCall;

    /// <summary>Stops the application.</summary>
    public sealed record Stop : ApplicationCall;

    /// <summary>Drops the specification of the application.</summary>
    public sealed record Unload : ApplicationCall;

    /// <summary>What a call asks the node to do, or null if it is an ordinary function.</summary>
    /// <param name="call">The function of an <see cref="LowLevel.Apply"/>.</param>
    public static ApplicationCall? From(FunctionCall call) => call switch
    {
        { Module: not Node } => null,
        { Function: "load", Arguments: [var name] } => new Load { Application = Text(name) },
        { Function: "start", Arguments: [var name] } => new Start(StartType.Temporary) { Application = Text(name) },
        { Function: "start", Arguments: [var name, var type] } when OtpWords.ToStartType(Text(type)) is { } start =>
            new Start(start) { Application = Text(name) },
        { Function: "stop", Arguments: [var name] } => new Stop { Application = Text(name) },
        { Function: "unload", Arguments: [var name] } => new Unload { Application = Text(name) },
        _ => null,
    };

    /// <summary>The function that asks the node to do this.</summary>
    public FunctionCall ToCall() => this switch
    {
        Load => new(Node, "load", [Json(Application)]),
        Start(var type) => new(Node, "start", [Json(Application), Json(OtpWords.Of(type))]),
        Stop => new(Node, "stop", [Json(Application)]),
        Unload => new(Node, "unload", [Json(Application)]),
        _ => throw new InvalidOperationException($"No function for {GetType().Name}."),
    };

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static JsonElement Json(string text) => JsonSerializer.SerializeToElement(text);
}
