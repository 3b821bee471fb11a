using System.CommandLine;
using Midflight.Host.Control.Requests;
using Midflight.Host.Evaluation;

namespace Midflight.Cli.Commands;

/// <summary><c>processes</c>: which processes run, and which of them have most of something.</summary>
internal static class ProcessesCommand
{
    public static Command Create(Target target)
    {
        var json = Verb.JsonOption();
        var top = new Option<string?>("--top") { Description = "Show those first that have most: queue, reductions or memory." };
        top.AcceptOnlyFromAmong("queue", "reductions", "memory");
        var count = new Option<int>("--count") { Description = "How many at most.", DefaultValueFactory = _ => 20 };
        return Verb.Create(
            "processes", "Show the processes: what they do, what waits for them.",
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
