namespace Midflight.Host;

/// <summary>A release could not be started.</summary>
/// <remarks>The message names the release, what was found, and what to do.</remarks>
internal class BootFailedException(string release, string why, Exception? inner = null)
    : Exception($"{release} was not started: {why}", inner);

/// <summary>A release could not be started because its files are not the original ones.</summary>
internal sealed class ReleaseDamagedException(string release, string why, Exception? inner = null) : BootFailedException(release, why, inner);
