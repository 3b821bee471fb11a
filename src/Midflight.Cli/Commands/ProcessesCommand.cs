using System.CommandLine;
using Midflight.Host.Control.Requests;
using Midflight.Host.Evaluation;

namespace Midflight.Cli.Commands;

/// <summary><c>processes</c>: the running processes, sorted by a figure on request.</summary>
internal static class ProcessesCommand
{
    public static Command Create(Target target)
    {
        var json = Verb.JsonOption();
        var top = new Option<string?>("--top") { Description = "Sort by queue, reductions or memory, largest first." };
        top.AcceptOnlyFromAmong("queue", "reductions", "memory");
        var count = new Option<int>("--count") { Description = "The most processes to show.", DefaultValueFactory = _ => 20 };
        return Verb.Create(
            "processes", "Show the processes: what they are doing and what is in their mailboxes.",
            async (result, cancellation) =>
            {
                var reply = await Verb.Ask<ProcessesRequest, ProcessesReply>(
                    target, new(result.GetValue(top), result.GetValue(count)), quiet: true, cancellation);

                if (result.GetValue(json))
                {
                    Output.Json(reply);
                }
                else
                {
                    foreach (var line in ProcessList.Lines(reply))
                    {
                        Output.Line(line);
                    }
                }

                return 0;
            },
            top, count, json);
    }
}
