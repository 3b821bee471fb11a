namespace Midflight;

/// <summary>How reports and messages show somebody else's value.</summary>
internal static class Excerpt
{
    /// <summary>The value as text, truncated if it is long. Never throws.</summary>
    internal static string Of(object? value, int longest = 2_000)
    {
        string text;

        try
        {
            text = value?.ToString() ?? "null";
        }
        // A broken ToString must not hide the crash or the failure that is being reported.
        catch (Exception exception)
        {
            text = $"({value!.GetType()}, whose ToString throws {exception.GetType().Name})";
        }

        return text.Length <= longest ? text : text[..longest] + "…";
    }

    /// <summary>An exception in one line. Never throws.</summary>
    internal static string Of(Exception exception)
    {
        try
        {
            return $"{exception.GetType().Name}: {exception.Message}";
        }
        // As above.
        catch (Exception broken)
        {
            return $"{exception.GetType().Name}, whose Message throws {broken.GetType().Name}";
        }
    }
}
