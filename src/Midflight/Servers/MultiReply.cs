namespace Midflight;

/// <summary>The result of a call to many servers.</summary>
/// <param name="Replies">The replies, in the order of the servers.</param>
/// <param name="Failures">The servers that gave none, each with the reason, in the order of the servers.</param>
public sealed record MultiReply<TReply>(
    IReadOnlyList<(ServerRef Server, TReply Reply)> Replies, IReadOnlyList<(ServerRef Server, CallFailedException Failure)> Failures);
