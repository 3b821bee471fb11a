using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Midflight.Host;

/// <summary>Bytes that grow.</summary>
internal sealed class WireOutput
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    private byte[] _bytes = new byte[256];

    internal int Length { get; private set; }

    internal ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    internal void Clear() => Length = 0;

    internal void Byte(byte value)
    {
        if (Length == _bytes.Length)
        {
            Grow(1);
        }

        _bytes[Length++] = value;
    }

    internal void Number(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }

        Byte((byte)value);
    }

    /// <summary>A number that may be negative: those near zero are short.</summary>
    internal void Signed(long value) => Number((ulong)((value << 1) ^ (value >> 63)));

    internal void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        Length += bytes.Length;
    }

    internal void Fixed(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Room(8), value);
        Length += 8;
    }

    /// <summary>A text just as it is, halves of surrogate pairs included.</summary>
    internal void Text(string text)
    {
        if (IsWhole(text))
        {
            var count = Encoding.UTF8.GetByteCount(text);
            Number((ulong)count << 1);
            s_strict.GetBytes(text, Room(count));
            Length += count;
            return;
        }

        Number(((ulong)text.Length << 1) | 1);

        foreach (var letter in text)
        {
            Byte((byte)letter);
            Byte((byte)(letter >> 8));
        }
    }

    /// <summary>The numbers of an array as they lie in memory: .NET runs on no machine that has the high bytes first but one, which is not ours.</summary>
    internal bool Raw<T>(T[] numbers)
        where T : unmanaged
    {
        Bytes(MemoryMarshal.AsBytes<T>(numbers));
        return true;
    }

    private Span<byte> Room(int count)
    {
        if (_bytes.Length - Length < count)
        {
            Grow(count);
        }

        return _bytes.AsSpan(Length, count);
    }

    private void Grow(int count) => Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(2L * _bytes.Length, (long)Length + count)));

    private static bool IsWhole(string text)
    {
        for (var i = text.AsSpan().IndexOfAnyInRange('\ud800', '\udfff'); i >= 0 && i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
