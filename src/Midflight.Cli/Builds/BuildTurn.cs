namespace Midflight.Cli.Builds;

/// <summary>The right to build, of which each user of a machine has one.</summary>
/// <remarks>
/// Two builds at once of projects that refer to a third both restore and compile that one, into the same files, and one of the two fails.
/// The lock belongs to the operating system process and goes with it, however it ends.
/// </remarks>
internal sealed class BuildTurn : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _held;

    private BuildTurn(FileStream held) => _held = held;

    /// <summary>Waits for it, as long as others build.</summary>
    /// <param name="time">What the pauses between two looks are taken from.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<BuildTurn> Take(TimeProvider time, CancellationToken cancellation)
    {
        var file = Path.Combine(Path.GetTempPath(), $"midflight-build-{Environment.UserName}.lock");

        while (true)
        {
            try
            {
                // It stays when the build is over: deleting it could take it from one who waits.
                return new(new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            }
            catch (IOException) when (File.Exists(file))
            {
                await Task.Delay(s_pause, time, cancellation);
            }
        }
    }

    public void Dispose() => _held.Dispose();
}
