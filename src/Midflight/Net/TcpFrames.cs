using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Midflight;

/// <summary>Received data that is not a complete message yet. It has no buffer while there is none.</summary>
/// <remarks>One thread at a time: the one that reads the socket.</remarks>
internal sealed class TcpFrames(TcpOptions options)
{
    /// <summary>Size of the first buffer.</summary>
    internal const int SmallBuffer = 4096;

    // _count bytes from _start; the first _scanned of them contain no end of line.
    private byte[]? _buffer;
    private int _start;
    private int _count;
    private int _scanned;

    internal bool IsEmpty => _count == 0;

    /// <summary>The size of the buffer.</summary>
    internal int Size => _buffer?.Length ?? 0;

    /// <summary>Why the received data can never become a message; null if it can.</summary>
    internal string? Fault => options.Framing switch
    {
        TcpFraming.Line when _count - LineEnd > options.MaxLine =>
            $"A line of more than {options.MaxLine} bytes arrived on the {{0}}. Let the other side send shorter lines, or raise MaxLine in TcpOptions.",
        TcpFraming.Length when _count >= options.LengthBytes && FrameLength > (uint)options.MaxFrame =>
            $"A frame of {FrameLength} bytes arrived on the {{0}}, which allows {options.MaxFrame}. Let the other side send shorter frames, or raise MaxFrame in TcpOptions.",
        _ => null,
    };

    // A carriage return that may be the first half of a line end is not part of the line.
    private int LineEnd => _count > 0 && _buffer![_start + _count - 1] == '\r' ? 1 : 0;

    private uint FrameLength => LengthIn(_buffer.AsSpan(_start));

    /// <summary>The next message, if it is complete.</summary>
    internal ITcpMessage? Next(TcpSocket socket)
    {
        if (_count == 0)
        {
            return null;
        }

        var bytes = _buffer.AsSpan(_start, _count);

        switch (options.Framing)
        {
            case TcpFraming.Raw:
                Skip(bytes.Length);
                return new TcpData(socket, bytes.ToArray());
            case TcpFraming.Line:
                return Line(bytes) is { } line ? new TcpLine(socket, line) : null;
            default:
                if (bytes.Length < options.LengthBytes || FrameLength is var length && (length > (uint)options.MaxFrame || bytes.Length - options.LengthBytes < length))
                {
                    return null;
                }

                Skip(options.LengthBytes + (int)length);
                return new TcpData(socket, bytes.Slice(options.LengthBytes, (int)length).ToArray());
        }
    }

    private string? Line(ReadOnlySpan<byte> bytes)
    {
        var end = bytes[_scanned..].IndexOf((byte)'\n');

        if (end < 0)
        {
            _scanned = _count;
            return null;
        }

        end += _scanned;
        var line = bytes[..(end > 0 && bytes[end - 1] == '\r' ? end - 1 : end)];

        if (line.Length > options.MaxLine)
        {
            // The reader then sees that it is too long.
            _scanned = _count;
            return null;
        }

        Skip(end + 1);
        return Encoding.UTF8.GetString(line);
    }

    /// <summary>A frame with its length prefix.</summary>
    /// <exception cref="ArgumentException">It is too long for the prefix.</exception>
    internal static byte[] WithLength(ReadOnlySpan<byte> frame, int lengthBytes)
    {
        if (lengthBytes < sizeof(uint) && frame.Length >> (8 * lengthBytes) != 0)
        {
            throw new ArgumentException($"A frame of {frame.Length} bytes does not fit a length prefix of {lengthBytes} bytes. Raise LengthBytes in TcpOptions, on both sides.");
        }

        var bytes = new byte[lengthBytes + frame.Length];
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)frame.Length);
        length[^lengthBytes..].CopyTo(bytes);
        frame.CopyTo(bytes.AsSpan(lengthBytes));
        return bytes;
    }

    private uint LengthIn(ReadOnlySpan<byte> bytes) => options.LengthBytes switch
    {
        1 => bytes[0],
        2 => BinaryPrimitives.ReadUInt16BigEndian(bytes),
        _ => BinaryPrimitives.ReadUInt32BigEndian(bytes),
    };

    private void Skip(int bytes) => (_start, _count, _scanned) = (_start + bytes, _count - bytes, 0);

    /// <summary>The buffer size needed for one more byte.</summary>
    internal int Wanted => _buffer switch
    {
        null => SmallBuffer,
        // Moved to the front if that gains much room, otherwise to a larger buffer.
        { Length: var size } when _count == 0 || _start + _count < size || _start >= size / 2 => size,
        { Length: var size } => size * 2,
    };

    /// <summary>Room for at least one more byte.</summary>
    internal Span<byte> Room()
    {
        if (_count == 0)
        {
            _start = 0;
        }

        if (_buffer is null || _start + _count == _buffer.Length)
        {
            MoveTo(Wanted);
        }

        return _buffer.AsSpan(_start + _count);
    }

    /// <summary>Releases what is not needed while nothing arrives.</summary>
    internal void Shrink()
    {
        if (_count == 0)
        {
            Return();
        }
        else if (_buffer!.Length > SmallBuffer && _count < SmallBuffer / 2)
        {
            MoveTo(SmallBuffer);
        }
    }

    private void MoveTo(int size)
    {
        var from = _buffer;
        var target = from?.Length == size ? from : ArrayPool<byte>.Shared.Rent(size);
        from.AsSpan(_start, _count).CopyTo(target);
        (_buffer, _start) = (target, 0);

        if (from is not null && target != from)
        {
            ArrayPool<byte>.Shared.Return(from);
        }
    }

    /// <summary>This many bytes were written into the room.</summary>
    internal void Came(int bytes) => _count += bytes;

    /// <summary>Gives the buffer back.</summary>
    internal void Return()
    {
        if (_buffer is { } buffer)
        {
            (_buffer, _start, _count, _scanned) = (null, 0, 0, 0);
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
