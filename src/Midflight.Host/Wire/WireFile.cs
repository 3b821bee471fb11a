using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Midflight.Host;

/// <summary>What a <see cref="WireWriter"/> has written, taken apart: the shapes, the types, and the values, of which nothing is made yet.</summary>
internal sealed class WireFile
{
    private const int HeadOfFrame = 5;

    private WireFile(ImmutableArray<WireShape> shapes, ImmutableArray<WireType> types, ImmutableArray<ReadOnlyMemory<byte>> values) => (Shapes, Types, Values) = (shapes, types, values);

    public ImmutableArray<WireShape> Shapes { get; }

    public ImmutableArray<WireType> Types { get; }

    /// <summary>The frames of the values.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> Values { get; }

    /// <param name="bytes">All of it.</param>
    /// <param name="limits">What it may ask for. Default: that of <see cref="WireLimits"/>.</param>
    /// <exception cref="WireDamagedException">It is no such thing, or damaged.</exception>
    public static WireFile Read(ReadOnlyMemory<byte> bytes, WireLimits? limits = null)
    {
        var budget = new WireBudget(limits ?? new());
        var magic = WireFormat.Magic;

        if (!bytes.Span.StartsWith(magic) || bytes.Length == magic.Length)
        {
            throw new WireDamagedException("it does not start like a snapshot");
        }

        if (bytes.Span[magic.Length] is var version && version != WireFormat.Version)
        {
            throw new WireDamagedException($"it has version {version} of the wire form, and this Midflight reads version {WireFormat.Version}");
        }

        var (shapes, types, values) = (ImmutableArray.CreateBuilder<WireShape>(), ImmutableArray.CreateBuilder<WireType>(), ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>());
        var rest = bytes[(magic.Length + 1)..];

        while (!rest.IsEmpty)
        {
            if (rest.Length < HeadOfFrame || BinaryPrimitives.ReadInt32LittleEndian(rest.Span) is var length && (length < 0 || length > budget.Limits.Frame || length > rest.Length - HeadOfFrame))
            {
                throw new WireDamagedException("it ends in the middle");
            }

            var (kind, content) = (rest.Span[HeadOfFrame - 1], rest.Slice(HeadOfFrame, length));
            rest = rest[(HeadOfFrame + length)..];

            switch (kind)
            {
                case WireFormat.Types:
                    Describe(new(content), budget, shapes, types);
                    break;
                case WireFormat.Value:
                    values.Add(content);
                    break;
                default:
                    throw new WireDamagedException($"{kind} is not a kind of frame");
            }
        }

        return new(shapes.ToImmutable(), types.ToImmutable(), values.ToImmutable());
    }

    private static void Describe(WireInput from, WireBudget budget, ImmutableArray<WireShape>.Builder shapes, ImmutableArray<WireType>.Builder types)
    {
        for (var left = from.Count(); left > 0; left--)
        {
            shapes.Add(WireShape.Read(from, budget));
        }

        for (var left = from.Count(); left > 0; left--)
        {
            types.Add(WireType.Read(from, budget));
        }

        from.End();

        if (shapes.Count + types.Count > budget.Limits.Types)
        {
            throw new WireDamagedException($"it has more than {budget.Limits.Types} types");
        }
    }
}
