using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Midflight.Host.Evaluation;

namespace Midflight.Shell;

/// <summary>Makes the first submission of a new chain, which carries over what the previous chain had.</summary>
/// <remarks>
/// Variables keep their values, converted if the type has changed. Types and functions are compiled again. What no longer fits
/// the new code is dropped, and a note says so.
/// </remarks>
internal sealed class Renewal
{
    private readonly List<Part> _parts;
    private readonly StringBuilder _notes = new();

    internal Renewal(Chain before, IEnumerable<string> imports)
    {
        _parts =
        [
            .. imports.Select(import => $"using {import};").Union(before.Usings).Select(text => new Part(text, text, null)),

            // Something to run when there is nothing to carry over.
            new Part("_ = true;", "", null),
            .. before.Declarations.Select(text => new Part(text, text, null)),
        ];

        foreach (var variable in before.Variables)
        {
            var part = new Part(
                $"{variable.Type} {variable.Name} = global::Midflight.Host.Evaluation.ShellFunctions.Carried<{variable.Type}>(\"{variable.Name}\");",
                variable.Name,
                variable);

            if (variable.Type is null)
            {
                Say(part, "its type has no name");
            }
            else
            {
                _parts.Add(part);
            }
        }
    }

    /// <summary>What was dropped and why, one line each.</summary>
    internal string Notes => _notes.ToString();

    internal ImmutableArray<CarriedVariable> Carried =>
        [.. _parts.Select(part => part.Variable).OfType<Variable>().Select(variable => new CarriedVariable(variable.Name, variable.Submission))];

    /// <summary>Compiles the submission, and drops what does not compile until the rest does.</summary>
    internal Submission Compile(Chain chain, int number)
    {
        while (true)
        {
            var text = new StringBuilder();
            List<Part> parts = [.. _parts];
            var starts = new List<int>();

            foreach (var part in parts)
            {
                starts.Add(text.Length);
                text.AppendLine(part.Text);
            }

            var submission = chain.Compile(text.ToString(), number);

            if (submission.Compiles)
            {
                return submission;
            }

            foreach (var errors in submission.Errors.ToLookup(error => starts.FindLastIndex(start => start <= error.Location.SourceSpan.Start)))
            {
                Drop(parts[errors.Key], errors.First().GetMessage(CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Drops the variables that the node could not convert.</summary>
    internal void Drop(ImmutableDictionary<string, string> lost)
    {
        foreach (var part in _parts.Where(part => part.Variable is { } variable && lost.ContainsKey(variable.Name)).ToList())
        {
            Drop(part, lost[part.What]);
        }
    }

    private void Drop(Part part, string reason)
    {
        if (part.What.Length == 0)
        {
            throw new InvalidOperationException($"The shell's own code does not compile: {reason}");
        }

        _parts.Remove(part);
        Say(part, reason);
    }

    private void Say(Part part, string reason) => _notes.AppendLine($"note: {part.What} is gone with the code that changed: {reason}");

    private sealed record Part(string Text, string What, Variable? Variable);
}
