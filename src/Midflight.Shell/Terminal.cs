namespace Midflight.Shell;

/// <summary>The terminal or input file in front of a shell.</summary>
internal abstract class Terminal
{
    /// <summary>Reads a line.</summary>
    /// <param name="prompt">The prompt to show.</param>
    /// <returns>Null at the end of the input.</returns>
    internal abstract string? ReadLine(string prompt);

    /// <summary>Shows an answer.</summary>
    internal abstract void Write(string text);

    /// <summary>Shows a refusal or an exception.</summary>
    internal abstract void WriteError(string text);
}
