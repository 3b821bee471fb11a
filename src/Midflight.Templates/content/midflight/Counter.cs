namespace MidflightApp;

/// <summary>What was heard so far. A member that you add with a default comes to the running process with the next release.</summary>
public sealed record Heard(int Lines, int Letters = 0);

/// <summary>Counts what all sessions hear.</summary>
public sealed class Counter : GenServer<Heard>
{
    // Client

    /// <summary>Counts a line.</summary>
    /// <returns>How many lines there were.</returns>
    public static ValueTask<int> Add(string line) => Call<int>("counter", new Line(line));

    // Messages: private, so the methods above are the only door.

    private sealed record Line(string Text);

    // Server

    protected override Started<Heard> Init(object? argument) => new Heard(0);

    protected override Answer<Heard> HandleCall(object request, Heard heard) => request switch
    {
        Line(var text) => Reply(heard.Lines + 1, state: new Heard(heard.Lines + 1, heard.Letters + text.Length)),
        _ => base.HandleCall(request, heard),
    };
}
