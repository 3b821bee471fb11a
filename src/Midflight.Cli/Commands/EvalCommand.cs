using System.CommandLine;
using Midflight.Host.Control;
using Midflight.Shell;

namespace Midflight.Cli.Commands;

/// <summary><c>eval EXPRESSION</c>: one line of C# in the running node.</summary>
internal static class EvalCommand
{
    public static Command Create(Target target)
    {
        var expression = new Argument<string>("EXPRESSION") { Description = "C# code, as at the prompt of `remote`." };
        return Verb.Create(
            "eval", "Run a line of C# in the running node and print its value.",
            (result, cancellation) =>
            {
                ShellPart.Require(target);
                return Run(target, result.GetValue(expression)!, cancellation);
            },
            expression);
    }

    // A separate method: if the release has no shell, its types must not be looked up.
    private static async Task<int> Run(Target target, string expression, CancellationToken cancellation)
    {
        await using var client = await ControlClient.Connect(target.Layout, cancellation);
        await using var session = await Session.Open(new ShellNode.Remote(client), Directory.GetCurrentDirectory());
        var shown = await session.Enter(expression);

        if (shown.IsError)
        {
            throw new Failure(shown.Text);
        }

        if (shown.Text.Length > 0)
        {
            Output.Line(shown.Text);
        }

        return 0;
    }
}
