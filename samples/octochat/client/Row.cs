namespace OctochatClient;

/// <summary>One line of the table: what was done, what became of it, and what the clients saw meanwhile.</summary>
/// <param name="Step">What was done.</param>
/// <param name="Verdict">What became of it.</param>
/// <param name="Switch">From the first process suspended to the last resumed; null where nothing was switched.</param>
/// <param name="Seen">What the clients saw, from before the step until after it.</param>
internal sealed record Row(string Step, string Verdict, TimeSpan? Switch, Tally Seen);
