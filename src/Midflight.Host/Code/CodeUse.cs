using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>Finds out which processes use which code versions.</summary>
/// <remarks>
/// <para>As in OTP, a process uses the code that it runs or will return to:</para>
/// <code>
/// server between two messages    moved to the current version, and does not count; counts if it cannot be moved
/// server in a callback           counts
/// process function               counts until it ends in Next.Current
/// delegates, messages, values    do not count
/// </code>
/// </remarks>
internal static class CodeUse
{
    /// <summary>How many processes have this version. It moves none of them, so the count includes servers that would move at their next message.</summary>
    internal static int Count(Node node, CodeVersion version) => node.Processes.All().Count(cell => cell.Body?.Version == version);

    /// <summary>Moves the servers that can be moved, and lists the processes that use one of the versions.</summary>
    /// <param name="node">The node whose processes are looked at.</param>
    /// <param name="versions">The versions to look for.</param>
    /// <param name="patience">How long a process may keep its thread busy before it counts as a user without being looked at.</param>
    internal static async Task<ImmutableArray<VersionUser>> Find(Node node, IReadOnlySet<CodeVersion> versions, TimeSpan patience)
    {
        var users = ImmutableArray.CreateBuilder<VersionUser>();
        var asked = new List<Question>();

        foreach (var cell in node.Processes.All())
        {
            // Read while it may change: a process can leave an old version at any time, but cannot enter it.
            if (cell.Body is { } body && (body.Version is not { } version || !versions.Contains(version)))
            {
                continue;
            }

            // Most processes are idle, and there can be a million of them.
            if (cell.TryEnter(parked: true))
            {
                if (Look(cell, versions) is { } user)
                {
                    users.Add(user);
                }

                cell.Leave();
            }
            else
            {
                asked.Add(new Question(cell, versions));
            }
        }

        await Patient(Task.WhenAll(asked.Select(question => question.Answered)), patience).ConfigureAwait(false);
        users.AddRange(asked.Select(question => question.Answer(patience)).OfType<VersionUser>());
        return users.ToImmutable();
    }

    /// <summary>Kills processes and waits until they have ended.</summary>
    internal static Task Kill(ImmutableArray<VersionUser> users, TimeSpan patience)
    {
        var ends = new List<Task>();

        foreach (var user in users)
        {
            var cell = user.Process.Cell!;
            var end = new End();
            ends.Add(end.Task);
            cell.Do(owner => owner.Bonds.Owned.Add(end), _ => end.Dispose());
            cell.Kill();
        }

        // A process whose thread hangs ends when the thread comes back. It must not hold up the others.
        return Patient(Task.WhenAll(ends), patience);
    }

    /// <summary>Waits for a task, for a limited time.</summary>
    // Real time, not the node's clock: it waits for threads of this machine, not for something that a node does later.
    internal static async Task Patient(Task task, TimeSpan patience)
    {
        if (!task.IsCompleted)
        {
            using var enough = new CancellationTokenSource();
            await Task.WhenAny(task, Task.Delay(patience, TimeProvider.System, enough.Token)).ConfigureAwait(false);
            await enough.CancelAsync().ConfigureAwait(false);
        }
    }

    // Owner only.
    private static VersionUser? Look(Cell owner, IReadOnlySet<CodeVersion> versions)
    {
        if (owner.Ending is not null || owner.Body is not { Version: { } version } body || !versions.Contains(version))
        {
            return null;
        }

        try
        {
            return body switch
            {
                FunctionBody function => function.TryMove() ? null : User(owner, body, "runs a function of it"),
                ServerBody server => Look(owner, server),
                _ => throw new InvalidOperationException($"No account for {body.GetType().Name}."),
            };
        }
        // A handwritten conversion may throw anything. The process stays as it is, and keeps its version.
        catch (Exception exception)
        {
            return User(owner, body, $"cannot be moved: {exception.Message}");
        }
    }

    private static VersionUser? Look(Cell owner, ServerBody server)
    {
        if (owner.Busy)
        {
            return User(owner, server, "is in a callback") with { IsInCallback = true };
        }

        if (server.Version!.Application.Current is not { } current)
        {
            return User(owner, server, "has no version to move to, as its application is deleted");
        }

        owner.Body = server.In(current);
        Bring(owner, current);
        return null;
    }

    // Converts the messages that wait for it too, so that they do not keep the old version in memory while the process is suspended.
    private static void Bring(Cell owner, CodeVersion current)
    {
        if (!owner.HasMessages)
        {
            return;
        }

        foreach (var message in owner.Mailbox.All().OfType<Message>().Where(message => message.Content is not SystemRequest))
        {
            try
            {
                message.Content = Door.Into(current, message.Content)!;
            }
            // The message stays as it was, and fails when its turn comes. The process then deals with it, as if it had only just arrived.
            catch (Exception)
            {
            }
        }
    }

    private static VersionUser User(Cell cell, Body body, string why) => new(cell.Pid, body.ModuleName, body.Version!.ToString(), body.Version.Application.Name, why);

    /// <summary>A question for a process that is running: answered as soon as it is between two of its steps.</summary>
    private sealed class Question
    {
        private readonly Cell _cell;
        private readonly IReadOnlySet<CodeVersion> _versions;
        private readonly TaskCompletionSource<VersionUser?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Question(Cell cell, IReadOnlySet<CodeVersion> versions)
        {
            (_cell, _versions) = (cell, versions);
            cell.Do(owner => _answer.TrySetResult(Look(owner, versions)), _ => _answer.TrySetResult(null));
        }

        internal Task Answered => _answer.Task;

        internal VersionUser? Answer(TimeSpan patience) => _answer.Task.IsCompleted
            ? _answer.Task.Result
            : _cell.Body is { Version: { } version } body && _versions.Contains(version)
                ? User(_cell, body, $"has run one callback for {patience.TotalSeconds} s without yielding its thread")
                : null;
    }

    private sealed class End : IDisposable
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal Task Task => _ended.Task;

        public void Dispose() => _ended.TrySetResult();
    }
}
