using System.Diagnostics.CodeAnalysis;

namespace Midflight.Releases;

/// <summary>The result of reading a file: its content, or what is wrong with it.</summary>
/// <typeparam name="T">What the file describes.</typeparam>
public readonly struct FileRead<T> where T : class
{
    private readonly T? _content;
    private readonly FileError? _error;

    private FileRead(T? content, FileError? error) => (_content, _error) = (content, error);

    /// <summary>A file that could be read.</summary>
    /// <param name="content">What it describes.</param>
    public static implicit operator FileRead<T>(T content) => new(content, null);

    /// <summary>A file that could not be read.</summary>
    /// <param name="error">Why.</param>
    public static implicit operator FileRead<T>(FileError error) => new(null, error);

    /// <summary>Separates the two cases.</summary>
    /// <param name="content">What the file describes.</param>
    /// <param name="error">What is wrong with it.</param>
    /// <returns>Whether the file could be read.</returns>
    public bool Succeeded([NotNullWhen(true)] out T? content, [NotNullWhen(false)] out FileError? error)
    {
        (content, error) = (_content, _error);
        return content is not null;
    }
}
