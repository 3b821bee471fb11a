namespace Midflight.Host.Evaluation;

/// <summary>The variables of a shell without the submissions that created them.</summary>
internal sealed class ShellVariables
{
    private readonly Dictionary<CarriedVariable, object?> _values;

    private ShellVariables(Dictionary<CarriedVariable, object?> values) => _values = values;

    /// <summary>Converts the variables to the current versions.</summary>
    internal static ShellVariables Of(ShellChain chain, ShellCode code)
    {
        var variables = chain.Variables().ToList();
        var values = code.Convert([.. variables.Select(variable => IsOfSubmission(variable.Value) ? null : variable.Value)]);

        return new(variables.Zip(values).ToDictionary(
            pair => pair.First.Variable,
            pair => IsOfSubmission(pair.First.Value) ? new Unkept("its type was typed here, and that code was compiled again") : pair.Second));
    }

    /// <summary>The same variables after the code has changed again.</summary>
    internal ShellVariables In(ShellCode code) =>
        new(_values.Keys.Zip(code.Convert([.. _values.Values])).ToDictionary(pair => pair.First, pair => pair.Second));

    internal object? Read(CarriedVariable variable) => _values.GetValueOrDefault(variable);

    // What was typed is bound to the code that it was compiled against.
    private static bool IsOfSubmission(object? value) => (value is Delegate function ? function.Method.Module : value?.GetType().Module)?.Assembly
        .GetName().Name!.StartsWith(ShellNames.SubmissionPrefix, StringComparison.Ordinal) ?? false;
}
