namespace Midflight;

/// <summary>What a process has done since its statistics were switched on.</summary>
/// <param name="Since">When they were switched on, by the node's clock.</param>
/// <param name="Now">When they were read.</param>
/// <param name="MessagesIn">Calls, casts and plain messages passed to its callbacks; system messages do not count.</param>
/// <param name="MessagesOut">Replies that callbacks returned; other sends do not count.</param>
public sealed record ProcessStatistics(DateTimeOffset Since, DateTimeOffset Now, long MessagesIn, long MessagesOut);
