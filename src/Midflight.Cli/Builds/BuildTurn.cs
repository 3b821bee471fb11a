namespace Midflight.Cli.Builds;

/// <summary>The right to build, which one process of a user has at a time.</summary>
/// <remarks>
/// Two builds at the same time, of projects that refer to a third one, both restore and compile that one into the same files, and one of them fails.
/// The lock belongs to the operating system process and is released with it, however it ends.
/// </remarks>
internal sealed class BuildTurn : IDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    private readonly FileStream _held;

    private BuildTurn(FileStream held) => _held = held;

    /// <summary>Waits for it while others build.</summary>
    /// <param name="time">The clock for the pauses between two attempts.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<BuildTurn> Take(TimeProvider time, CancellationToken cancellation)
    {
        var file = Path.Combine(Path.GetTempPath(), $"midflight-build-{Environment.UserName}.lock");

        while (true)
        {
            try
            {
                // It stays when the build is over: deleting it could take it from a process that waits.
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
