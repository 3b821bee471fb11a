using System.CommandLine;
using Midflight.Host.Control.Requests;

namespace Midflight.Cli.Commands;

/// <summary><c>commit</c>: makes the running release permanent.</summary>
internal static class CommitCommand
{
    public static Command Create(Target target)
    {
        var version = new Argument<string?>("VERSION")
        {
            Description = "The release. Default: the running one.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        return Verb.Create(
            "commit", "Make the running release permanent, so that the next start uses it.",
            async (result, cancellation) =>
            {
                var reply = await Verb.Ask<CommitRequest, CommitReply>(
                    target, new(result.GetValue(version)), quiet: false, cancellation);
                foreach (var note in reply.Notes)
                {
                    Output.Line($"note: {note}");
                }

                Output.Line($"{target.Name} {reply.Version} is permanent.");
                return 0;
            },
            version);
    }
}
