using System.Collections.Concurrent;

namespace Midflight.Host.Tests.Hosting;

/// <summary>Counts the services that it made, and notes what they were told and which of them were disposed.</summary>
internal sealed class Tally
{
    private readonly ConcurrentQueue<string> _lines = new();
    private int _made;

    public IReadOnlyList<string> Lines => [.. _lines];

    public Service Make() => new(this, Interlocked.Increment(ref _made));

    /// <summary>A service of a type that hot code can name: one of the BCL.</summary>
    internal sealed class Service(Tally tally, int number) : IProgress<string>, IAsyncDisposable
    {
        public void Report(string value) => tally._lines.Enqueue($"{number}: {value}");

        public ValueTask DisposeAsync()
        {
            Report("disposed");
            return default;
        }
    }
}
