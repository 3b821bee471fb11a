using System.CommandLine;
using Midflight.Host.Control.Requests;

namespace Midflight.Cli.Commands;

/// <summary><c>snapshot</c>: the states of the running node in a file, for a rehearsal elsewhere.</summary>
internal static class SnapshotCommand
{
    public static Command Create(Target target)
    {
        var json = Verb.JsonOption();
        var file = new Argument<string>("FILE") { Description = "The file to write. It must not be there yet, and only its owner may read it." };
        var modules = new Option<string[]>("--module") { Description = "Only processes of this module, by its full name; may be given several times.", HelpName = "MODULE" };
        var masks = new Option<string[]>("--mask") { Description = "Mask the members with such a name, for example *token* or Customer.Card. Can be given several times.", HelpName = "PATTERN" };
        var secrets = new Option<bool>("--secrets") { Description = "Write what is marked [Secret], too." };
        return Verb.Create(
            "snapshot", "Write the states of the processes to a file, while the node serves on.",
            async (result, cancellation) =>
            {
                if (result.GetValue(secrets) && result.GetValue(masks) is { Length: > 0 })
                {
                    throw new Failure("--secrets writes everything, so --mask has no effect. Give only one of them.");
                }

                var reply = await Verb.Ask<SnapshotRequest, SnapshotReply>(
                    target,
                    new(Path.GetFullPath(result.GetRequiredValue(file)), [.. result.GetValue(modules) ?? []], [.. result.GetValue(masks) ?? []], result.GetValue(secrets)),
                    quiet: true, cancellation);

                if (result.GetValue(json))
                {
                    Output.Json(reply);
                    return 0;
                }

                Output.Line($"{reply.File}: {reply.Processes} processes, {reply.Messages} messages, {reply.Stored} stored values, {reply.Bytes:N0} bytes in {reply.Milliseconds:0} ms.");

                foreach (var left in reply.LeftOut)
                {
                    Output.Line($"left out: {left}");
                }

                return 0;
            },
            file, modules, masks, secrets, json);
    }
}
