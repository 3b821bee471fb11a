namespace Midflight.Host;

/// <summary>A release could not be started.</summary>
/// <remarks>The message names the release, what was found, and what to do.</remarks>
internal sealed class BootFailedException(string release, string why, Exception? inner = null)
    : Exception($"{release} was not started: {why}", inner);
