using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Midflight.Host.Control;

/// <summary>Cuts a stream into lines.</summary>
internal static class ControlLines
{
    /// <summary>The lines of a stream up to its end; an unfinished last line is dropped, and so are empty ones.</summary>
    /// <exception cref="LineTooLongException">A line is longer than <paramref name="longest"/> bytes.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Read(
        Stream stream, int longest, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(cancellation);
                var buffer = read.Buffer;
                while (buffer.PositionOf((byte)'\n') is { } end)
                {
                    var line = buffer.Slice(0, end);
                    if (line.Length > longest)
                    {
                        throw new LineTooLongException();
                    }

                    if (!line.IsEmpty)
                    {
                        yield return line.ToArray();
                    }

                    buffer = buffer.Slice(buffer.GetPosition(1, end));
                }

                if (buffer.Length > longest)
                {
                    throw new LineTooLongException();
                }

                reader.AdvanceTo(buffer.Start, buffer.End);
                if (read.IsCompleted)
                {
                    yield break;
                }
            }
        }
        finally
        {
            await reader.CompleteAsync();
        }
    }
}

/// <summary>The other side sent more than a line may hold; what follows cannot be told apart any more.</summary>
internal sealed class LineTooLongException : Exception;
