namespace Midflight.Releases.Builds;

/// <summary>The build results cannot become a release; the message is the whole sentence for the person who builds.</summary>
internal sealed class BuildRefusedException(string sentence) : Exception(sentence);
