using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Midflight.Host;

/// <summary>Bytes that are read, of which nothing is believed.</summary>
internal sealed class WireInput(ReadOnlyMemory<byte> bytes)
{
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    private int _at;

    internal int Left => bytes.Length - _at;

    internal byte Byte() => _at < bytes.Length ? bytes.Span[_at++] : throw Ended();

    internal ulong Number()
    {
        ulong value = 0;

        for (var shift = 0; shift < 64; shift += 7)
        {
            var part = Byte();

            if (shift == 63 && part > 1)
            {
                break;
            }

            value |= (ulong)(part & 0x7f) << shift;

            if (part < 0x80)
            {
                return value;
            }
        }

        throw new WireDamagedException("a number in it has too many digits");
    }

    internal long Signed() => Number() is var value ? (long)(value >> 1) ^ -(long)(value & 1) : 0;

    /// <summary>How many things follow, each of which takes so many bytes at least.</summary>
    internal int Count(int least = 1)
    {
        var count = Number();
        return count <= (ulong)(Left / least) ? (int)count : throw Ended();
    }

    /// <summary>A number below another one.</summary>
    internal int Below(int bound, string what) => Number() is var number && number < (ulong)bound ? (int)number : throw new WireDamagedException($"{what} {number} is mentioned, which is not in it");

    internal ReadOnlyMemory<byte> Bytes(int count)
    {
        if (count > Left)
        {
            throw Ended();
        }

        _at += count;
        return bytes.Slice(_at - count, count);
    }

    internal ulong Fixed() => BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8).Span);

    internal string Text()
    {
        var head = Number();
        var count = head >> 1;

        if (count > (ulong)Left)
        {
            throw Ended();
        }

        if ((head & 1) == 0)
        {
            try
            {
                return s_strict.GetString(Bytes((int)count).Span);
            }
            catch (DecoderFallbackException exception)
            {
                throw new WireDamagedException("a text in it is not UTF-8", exception);
            }
        }

        if (count > (ulong)(Left / 2))
        {
            throw Ended();
        }

        return string.Create((int)count, Bytes(2 * (int)count), static (letters, bytes) =>
        {
            for (var i = 0; i < letters.Length; i++)
            {
                letters[i] = (char)BinaryPrimitives.ReadUInt16LittleEndian(bytes.Span[(2 * i)..]);
            }
        });
    }

    /// <summary>The numbers of an array.</summary>
    internal T[] Raw<T>(int size)
        where T : unmanaged
    {
        var numbers = new T[Count(size)];
        Bytes(numbers.Length * size).Span.CopyTo(MemoryMarshal.AsBytes(numbers.AsSpan()));
        return numbers;
    }

    /// <summary>Says that nothing is left.</summary>
    internal void End()
    {
        if (Left > 0)
        {
            throw new WireDamagedException($"{Left} bytes follow after its end");
        }
    }

    private static WireDamagedException Ended() => new("it ends in the middle, or has a count that is too high");
}
