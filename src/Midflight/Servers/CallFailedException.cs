namespace Midflight;

/// <summary>Why a call got no reply.</summary>
public enum CallFailure
{
    /// <summary>There is no such process, or it had ended before the call reached it.</summary>
    NoProcess,

    /// <summary>The process ended before it replied.</summary>
    Ended,

    /// <summary>The reply did not arrive in time. The server may still handle the request.</summary>
    TimedOut,

    /// <summary>The process does not answer such requests.</summary>
    NotServed,

    /// <summary>The request is from another code version than the server's, and could not be converted. The server keeps running.</summary>
    NotConverted,
}

/// <summary>A call got no reply.</summary>
public sealed class CallFailedException : Exception
{
    internal CallFailedException(CallFailure failure, string server, object? request, ExitReason? reason, TimeSpan? timeout = null)
        : base(Sentence(failure, server, request, reason, timeout), reason?.Exception) => (Failure, Reason) = (failure, reason);

    /// <summary>Without details.</summary>
    public CallFailedException()
    {
    }

    /// <summary>With a sentence.</summary>
    public CallFailedException(string message)
        : base(message)
    {
    }

    /// <summary>With a sentence and a cause.</summary>
    public CallFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>What happened.</summary>
    public CallFailure Failure { get; }

    /// <summary>Why the server ended, or why the request could not be converted; null for other failures.</summary>
    public ExitReason? Reason { get; }

    private static string Sentence(CallFailure failure, string server, object? request, ExitReason? reason, TimeSpan? timeout)
    {
        var what = Excerpt.Of(request, longest: 200);

        return failure switch
        {
            CallFailure.NoProcess => $"Call of {server} with {what} failed: no such process. Start it first, or monitor it to learn when it ends.",
            CallFailure.Ended => $"Call of {server} with {what} failed: it ended before it replied ({reason}). Its crash report says more.",
            CallFailure.TimedOut => $"Call of {server} with {what} failed: no reply within {timeout?.TotalMilliseconds:0} ms. The server may still handle it. Look at the server with Sys.GetStatus, or give the call more time.",
            CallFailure.NotServed => $"Call of {server} with {what} failed: it does not answer such requests. Only behaviours do; a plain process function receives messages.",
            CallFailure.NotConverted => $"Call of {server} with {what} failed: the request could not be converted to the server's code version. {reason?.Exception?.Message}",
            _ => throw new InvalidOperationException($"No sentence for {failure}."),
        };
    }
}
