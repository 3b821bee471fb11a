namespace Midflight.Host.Evaluation;

/// <summary>The node's hot code, as shells see it.</summary>
internal sealed class ShellCode(CodeServer code)
{
    /// <summary>The current version of each hot application.</summary>
    internal IReadOnlyList<CodeVersion> Current() =>
        [.. code.Which().Select(application => application.Current?.Version).OfType<CodeVersion>()];

    /// <summary>Identifies a set of versions.</summary>
    internal static string Stamp(IReadOnlyList<CodeVersion> versions) =>
        string.Join(' ', versions.Select(version => $"{version.Application.Name}#{version.Number}").Order());

    /// <summary>Converts values to the current versions. An object that two values share is still shared afterwards.</summary>
    /// <returns>The values in the same order, with <see cref="Unkept"/> for one that cannot be converted.</returns>
    internal object?[] Convert(object?[] values)
    {
        try
        {
            return (object?[])Receive(values)!;
        }
        catch (ConversionException)
        {
            // One of them cannot be converted: convert each on its own.
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

/// <summary>Takes the place of a variable's value that could not be kept.</summary>
/// <param name="Reason">Why, and what to type.</param>
internal sealed record Unkept(string Reason);
