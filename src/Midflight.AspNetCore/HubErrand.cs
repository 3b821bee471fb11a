namespace Midflight.AspNetCore;

/// <summary>What a hub does for one of its clients: a process, in the code version that has taken it.</summary>
internal sealed class HubErrand : Errand
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<Task> _work;

    private HubErrand(CodeVersion? version, string title, Func<Task> work)
        : base(version) => (Title, _work) = (title, work);

    internal override string Title { get; }

    /// <returns>Done when it is done; faulted with what it throws.</returns>
    internal static Task Run(Node node, CodeVersion? version, string title, Func<Task> work)
    {
        var errand = new HubErrand(version, title, work);
        errand.Start(node);
        return errand._done.Task;
    }

    private protected override async ProcessTask Run()
    {
        try
        {
            await _work();
            _done.TrySetResult();
        }
        // It is the caller's: a client is told, or the log.
        catch (Exception exception)
        {
            _done.TrySetException(exception);
        }
    }

    private protected override void Ended() => _done.TrySetException(new OperationCanceledException($"The process of {Title} was ended before it was done."));
}
