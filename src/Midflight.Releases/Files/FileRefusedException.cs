namespace Midflight.Releases;

/// <summary>Carries an error in a file from where it is found to the entry point of the reader, which returns it.</summary>
internal sealed class FileRefusedException(FileError error) : Exception(error.ToString())
{
    public FileError Error { get; } = error;
}
