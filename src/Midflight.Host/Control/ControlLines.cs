using System.Buffers;
using System.Runtime.CompilerServices;

namespace Midflight.Host.Control;

/// <summary>Splits a stream into lines, in time linear in their length.</summary>
internal static class ControlLines
{
    private const int SmallBuffer = 4096;

    /// <summary>The lines of a stream up to its end; an unfinished last line is dropped, and so are empty ones.</summary>
    /// <param name="stream">Read from.</param>
    /// <param name="longest">Bytes of the longest line.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <param name="budget">The memory that lines may take together; null for no limit.</param>
    /// <exception cref="LineTooLongException">A line is longer than <paramref name="longest"/> bytes, or does not fit beside those of others.</exception>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> Read(
        Stream stream, int longest, [EnumeratorCancellation] CancellationToken cancellation, ControlBudget? budget = null)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(SmallBuffer);

        // From the start of the buffer; the first _scanned of them contain no end of line.
        var (count, scanned) = (0, 0);

        try
        {
            while (true)
            {
                var read = await stream.ReadAsync(buffer.AsMemory(count), cancellation);

                if (read == 0)
                {
                    yield break;
                }

                count += read;
                var begin = 0;

                for (int end; (end = buffer.AsSpan(scanned, count - scanned).IndexOf((byte)'\n')) >= 0; scanned = begin)
                {
                    end += scanned;

                    if (end - begin > longest)
                    {
                        throw new LineTooLongException();
                    }

                    if (end > begin)
                    {
                        yield return buffer.AsSpan(begin, end - begin).ToArray();
                    }

                    begin = end + 1;
                }

                count -= begin;
                scanned = count;

                if (count > longest)
                {
                    throw new LineTooLongException();
                }

                if (begin > 0)
                {
                    buffer.AsSpan(begin, count).CopyTo(buffer);
                }

                if (count == buffer.Length)
                {
                    buffer = Resize(buffer, count, Math.Min(count * 2L, Array.MaxLength), budget);
                }
                else if (buffer.Length > SmallBuffer && count < SmallBuffer)
                {
                    buffer = Resize(buffer, count, SmallBuffer, budget);
                }
            }
        }
        finally
        {
            budget?.Give(Counted(buffer));
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Resize(byte[] buffer, int count, long size, ControlBudget? budget)
    {
        var next = ArrayPool<byte>.Shared.Rent((int)size);

        var more = Counted(next) - Counted(buffer);

        if (more <= 0)
        {
            budget?.Give(-more);
        }
        else if (budget?.TryTake(more) == false)
        {
            ArrayPool<byte>.Shared.Return(next);
            throw new LineTooLongException { IsCrowded = true };
        }

        buffer.AsSpan(0, count).CopyTo(next);
        ArrayPool<byte>.Shared.Return(buffer);
        return next;
    }

    // Everybody may have the small one.
    private static long Counted(byte[] buffer) => buffer.Length <= SmallBuffer ? 0 : buffer.Length;
}

/// <summary>The memory that the unfinished lines of all clients may take together.</summary>
internal sealed class ControlBudget(long bytes)
{
    private long _free = bytes;

    internal bool TryTake(long amount)
    {
        if (Interlocked.Add(ref _free, -amount) >= 0)
        {
            return true;
        }

        Give(amount);
        return false;
    }

    internal void Give(long amount) => Interlocked.Add(ref _free, amount);
}

/// <summary>The other side sent more than a line may hold; where the next line starts is unknown.</summary>
internal sealed class LineTooLongException : Exception
{
    /// <summary>Whether it would have been short enough on its own.</summary>
    internal bool IsCrowded { get; init; }
}
