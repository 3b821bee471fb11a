namespace Midflight;

/// <summary>The processes on whose behalf a job works: its starter, the process on whose behalf that one works, and so on. Elixir's <c>$callers</c>.</summary>
internal sealed record Callers(Pid Pid, Callers? Next)
{
    internal static IReadOnlyList<Pid> Of(Callers? first)
    {
        var all = new List<Pid>();

        for (var at = first; at is not null; at = at.Next)
        {
            all.Add(at.Pid);
        }

        return all;
    }
}
