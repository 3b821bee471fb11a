namespace Midflight;

/// <summary>What a process has done since its statistics were switched on.</summary>
/// <param name="Since">When they were, by the node's clock.</param>
/// <param name="Now">When this was asked.</param>
/// <param name="MessagesIn">Calls, casts and plain messages that came to its callbacks; system messages do not count.</param>
/// <param name="MessagesOut">Replies that callbacks returned; what they sent otherwise does not count.</param>
public sealed record ProcessStatistics(DateTimeOffset Since, DateTimeOffset Now, long MessagesIn, long MessagesOut);
