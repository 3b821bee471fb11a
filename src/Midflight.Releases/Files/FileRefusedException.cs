namespace Midflight.Releases;

/// <summary>Carries a mistake in a file from where it is found to the door of the reader, which answers with it.</summary>
internal sealed class FileRefusedException(FileError error) : Exception(error.ToString())
{
    public FileError Error { get; } = error;
}
