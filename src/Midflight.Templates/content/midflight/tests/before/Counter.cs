namespace MidflightApp;

/// <summary>What was heard so far.</summary>
public sealed record Heard(int Lines);

/// <summary>Counts what all sessions hear.</summary>
public sealed class Counter : GenServer<Heard>
{
    /// <summary>Counts a line.</summary>
    public static ValueTask<int> Add(string line) => Call<int>("counter", new Line(line));

    private sealed record Line(string Text);

    protected override Started<Heard> Init(object? argument) => new Heard(0);

    protected override Answer<Heard> HandleCall(object request, Heard heard) => request switch
    {
        Line => Reply(heard.Lines + 1, state: new Heard(heard.Lines + 1)),
        _ => base.HandleCall(request, heard),
    };
}
