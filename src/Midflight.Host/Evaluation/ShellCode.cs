namespace Midflight.Host.Evaluation;

/// <summary>The node's hot code, as shells see it.</summary>
internal sealed class ShellCode(CodeServer code)
{
    /// <summary>The current version of each hot application.</summary>
    internal IReadOnlyList<CodeVersion> Current() =>
        [.. code.Which().Select(application => application.Current?.Version).OfType<CodeVersion>()];

    /// <summary>Names a set of versions.</summary>
    internal static string Stamp(IReadOnlyList<CodeVersion> versions) =>
        string.Join(' ', versions.Select(version => $"{version.Application.Name}#{version.Number}").Order());

    /// <summary>Values in the words of the current versions. What two of them share they share afterwards.</summary>
    /// <returns>In their order; <see cref="Unkept"/> for one that has no counterpart there.</returns>
    internal object?[] Convert(object?[] values)
    {
        try
        {
            return (object?[])Receive(values)!;
        }
        catch (ConversionException)
        {
            // One of them cannot: each for itself.
            return [.. values.Select(Keep)];
        }
    }

    private object? Keep(object? value)
    {
        try
        {
            return Receive(value);
        }
        catch (ConversionException refusal)
        {
            return new Unkept(refusal.Message);
        }
    }

    private object? Receive(object? value)
    {
        foreach (var version in Current())
        {
            value = Door.Into(version, value);
        }

        return value;
    }
}

/// <summary>Stands for the value of a variable that could not be kept.</summary>
/// <param name="Reason">Why, and what to write.</param>
internal sealed record Unkept(string Reason);
