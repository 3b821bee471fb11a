namespace Midflight.Cli;

/// <summary>A command cannot do what it was asked for; the message is the whole sentence for the person who asked.</summary>
internal sealed class Failure(string sentence) : Exception(sentence);
