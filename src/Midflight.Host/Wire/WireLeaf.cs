using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;

namespace Midflight.Host;

/// <summary>A type of .NET whose values are written by what they say, with no other value in them. One row each.</summary>
/// <param name="Code">Its number on the wire. Never given to another type.</param>
/// <param name="Type">The type.</param>
/// <param name="Write">Writes one.</param>
/// <param name="Read">Reads one. Whatever it throws, the input is refused.</param>
/// <param name="Masked">What stands for a secret.</param>
internal sealed record WireLeaf(byte Code, Type Type, Action<WireOutput, object> Write, Func<WireInput, object> Read, object Masked)
{
    /// <summary>Whether two places may hold the very same object, which matters as it can change or is known by its address.</summary>
    public bool IsShared { get; private init; }

    public static readonly WireLeaf[] All =
    [
        Of(1, (to, it) => to.Byte(it ? (byte)1 : (byte)0), from => from.Byte() switch { 0 => false, 1 => true, var other => throw new WireDamagedException($"{other} is where true or false should be") }),
        Of<byte>(2, (to, it) => to.Byte(it), from => from.Byte()),
        Of(3, (to, it) => to.Byte((byte)it), from => (sbyte)from.Byte()),
        Of(4, (to, it) => to.Signed(it), from => checked((short)from.Signed())),
        Of(5, (to, it) => to.Number(it), from => checked((ushort)from.Number())),
        Of(6, (to, it) => to.Signed(it), from => checked((int)from.Signed())),
        Of(7, (to, it) => to.Number(it), from => checked((uint)from.Number())),
        Of(8, (to, it) => to.Signed(it), from => from.Signed()),
        Of(9, (to, it) => to.Number(it), from => from.Number()),
        Of(10, (to, it) => to.Number(it), from => checked((char)from.Number())),
        Of(11, (to, it) => to.Number(BitConverter.SingleToUInt32Bits(it)), from => BitConverter.UInt32BitsToSingle(checked((uint)from.Number()))),
        Of(12, (to, it) => to.Fixed(BitConverter.DoubleToUInt64Bits(it)), from => BitConverter.UInt64BitsToDouble(from.Fixed())),
        Of(13, (to, it) => to.Number(BitConverter.HalfToUInt16Bits(it)), from => BitConverter.UInt16BitsToHalf(checked((ushort)from.Number()))),
        Of(14, (to, it) => Array.ForEach(decimal.GetBits(it), part => to.Number((uint)part)), from => new decimal([Part(from), Part(from), Part(from), Part(from)])),
        Of(15, (to, it) => { to.Fixed((ulong)it); to.Fixed((ulong)(it >> 64)); }, from => (Int128)from.Fixed() | ((Int128)from.Fixed() << 64)),
        Of(16, (to, it) => { to.Fixed((ulong)it); to.Fixed((ulong)(it >> 64)); }, from => from.Fixed() | ((UInt128)from.Fixed() << 64)),
        Of(17, (to, it) => to.Text(it), from => from.Text(), "***"),
        Of(18, (to, it) => to.Bytes(it.ToByteArray()), from => new Guid(from.Bytes(16).Span)),
        Of(19, (to, it) => { to.Number((ulong)it.Ticks); to.Byte((byte)it.Kind); }, from => new DateTime(Ticks(from), (DateTimeKind)from.Byte())),
        Of(20, (to, it) => { to.Number((ulong)it.Ticks); to.Signed((long)it.TotalOffsetMinutes); }, from => new DateTimeOffset(Ticks(from), TimeSpan.FromMinutes(from.Signed()))),
        Of(21, (to, it) => to.Signed(it.Ticks), from => new TimeSpan(from.Signed())),
        Of(22, (to, it) => to.Number((ulong)it.DayNumber), from => DateOnly.FromDayNumber(checked((int)from.Number()))),
        Of(23, (to, it) => to.Number((ulong)it.Ticks), from => new TimeOnly(Ticks(from))),
        Of(24, (to, it) => Block(to, it.ToByteArray()), from => new BigInteger(Block(from))),
        Of(25, (to, it) => to.Text(it.ToString()), from => Version.Parse(from.Text()), new Version(0, 0)),
        Of(26, (to, it) => to.Text(it.OriginalString), from => new Uri(from.Text(), UriKind.RelativeOrAbsolute), new Uri("masked:")),
        Of(27, (to, it) => { Block(to, it.GetAddressBytes()); to.Number(it.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? (ulong)it.ScopeId : 0); }, Address, IPAddress.None),
        Of(28, (to, it) => { Find<IPAddress>().Write(to, it.Address); to.Number((ulong)it.Port); }, from => new IPEndPoint(Address(from), checked((int)from.Number())), new IPEndPoint(IPAddress.None, 0)),
        Of(29, (to, it) => to.Text(it.Name), from => CultureInfo.GetCultureInfo(from.Text()), CultureInfo.InvariantCulture),
        Of(30, (to, it) => to.Number((ulong)it.Value), from => new Rune(checked((int)from.Number()))),
        Of(31, (to, it) => to.Signed(it.IsFromEnd ? ~(long)it.Value : it.Value), from => from.Signed() is var at && at < 0 ? new Index(checked((int)~at), fromEnd: true) : new Index(checked((int)at))),
        Of(32, (to, it) => { Find<Index>().Write(to, it.Start); Find<Index>().Write(to, it.End); }, from => new Range((Index)Find<Index>().Read(from), (Index)Find<Index>().Read(from))),
        Of(33, (to, it) => { to.Fixed(BitConverter.DoubleToUInt64Bits(it.Real)); to.Fixed(BitConverter.DoubleToUInt64Bits(it.Imaginary)); }, from => new Complex(BitConverter.UInt64BitsToDouble(from.Fixed()), BitConverter.UInt64BitsToDouble(from.Fixed()))),
        Of(34, (to, it) => to.Byte(0), from => from.Byte() == 0 ? new object() : throw new WireDamagedException("an object without members has some"), new object()) with { IsShared = true },
        Of(35, (to, it) => to.Byte(0), from => from.Byte() == 0 ? new Lock() : throw new WireDamagedException("a lock has members"), new Lock()) with { IsShared = true },
        Of(36, (to, it) => to.Text(it.ToString()), from => new StringBuilder(from.Text()), new StringBuilder("***")) with { IsShared = true },
        Of(37, (to, it) => { to.Number((ulong)it.Length); for (var i = 0; i < it.Length; i++) { to.Byte(it[i] ? (byte)1 : (byte)0); } }, from => new System.Collections.BitArray([.. from.Bytes(from.Count()).ToArray().Select(bit => bit != 0)]), new System.Collections.BitArray(0)) with { IsShared = true },
        Of(38, (to, it) => to.Byte(0), from => from.Byte() == 0 ? DBNull.Value : throw new WireDamagedException("DBNull has members"), DBNull.Value),
    ];

    private static readonly FrozenDictionary<Type, WireLeaf> s_byType = All.ToFrozenDictionary(leaf => leaf.Type);
    private static readonly FrozenDictionary<byte, WireLeaf> s_byCode = All.ToFrozenDictionary(leaf => leaf.Code);

    public static WireLeaf? Find(Type type) => s_byType.GetValueOrDefault(type)
        ?? (type.IsAssignableTo(typeof(CultureInfo)) && !LoadedTypes.IsHot(type) ? Find<CultureInfo>()
            : type.Assembly == typeof(IPAddress).Assembly && type.IsAssignableTo(typeof(IPAddress)) ? Find<IPAddress>()
            : null);

    public static WireLeaf? Find(byte code) => s_byCode.GetValueOrDefault(code);

    private static WireLeaf Find<T>() => s_byType[typeof(T)];

    private static WireLeaf Of<T>(byte code, Action<WireOutput, T> write, Func<WireInput, T> read, T masked = default!)
        where T : notnull =>
        new(code, typeof(T), (to, value) => write(to, (T)value), from => read(from), masked);

    private static int Part(WireInput from) => unchecked((int)checked((uint)from.Number()));

    private static long Ticks(WireInput from) => checked((long)from.Number());

    private static void Block(WireOutput to, byte[] bytes)
    {
        to.Number((ulong)bytes.Length);
        to.Bytes(bytes);
    }

    private static ReadOnlySpan<byte> Block(WireInput from) => from.Bytes(from.Count()).Span;

    private static IPAddress Address(WireInput from)
    {
        var bytes = Block(from).ToArray();
        var scope = checked((long)from.Number());
        return bytes.Length == 16 ? new IPAddress(bytes, scope) : new IPAddress(bytes);
    }
}
