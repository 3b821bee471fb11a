using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>The places within a member, its elements say, that might be null and may not be any more.</summary>
/// <remarks>
/// The compiler notes one byte for each type that is named in a member, from the outside in: 0 for unknown, 1 for never null, 2 for one that may
/// be null. A struct without type arguments has none, and a <c>Nullable</c> is noted as what is in it.
/// See https://github.com/dotnet/roslyn/blob/main/docs/features/nullable-metadata.md.
/// </remarks>
internal static class NullPlaces
{
    /// <summary>The way to each such place: which type argument, of which type argument, and so on; for the element of an array 0.</summary>
    public static ImmutableArray<ImmutableArray<int>> Narrowed(ShapeMember old, ShapeMember now)
    {
        if (old.Nullability.IsEmpty || now.Nullability.IsEmpty)
        {
            return [];
        }

        var places = ImmutableArray.CreateBuilder<ImmutableArray<int>>();
        Compare(Read(old), Read(now), [], places);
        return places.ToImmutable();
    }

    private static void Compare(Place old, Place now, ImmutableArray<int> way, ImmutableArray<ImmutableArray<int>>.Builder places)
    {
        if (way.Length > 0 && old.Nullability == 2 && now.Nullability == 1)
        {
            places.Add(way);
        }

        if (old.Parts.Length == now.Parts.Length)
        {
            for (var i = 0; i < old.Parts.Length; i++)
            {
                Compare(old.Parts[i], now.Parts[i], way.Add(i), places);
            }
        }
    }

    private static Place Read(ShapeMember member)
    {
        var at = 0;
        return Read(member.Type, member.Nullability, ref at);
    }

    private static Place Read(TypeName type, ImmutableArray<byte> bytes, ref int at)
    {
        switch (type)
        {
            case TypeName.Named { FullName: "System.Nullable`1", Arguments: [var inner] }:
                return Read(inner, bytes, ref at);
            case TypeName.Named { IsValueType: true, Arguments.IsEmpty: true } or TypeName.Bound:
                return new(0, []);
        }

        var own = bytes.Length == 1 ? bytes[0] : at < bytes.Length ? bytes[at] : (byte)0;
        at++;
        var parts = ImmutableArray.CreateBuilder<Place>();

        foreach (var part in type switch { TypeName.Array(var element, _) => [element], TypeName.Named(_, var arguments) => arguments, _ => [] })
        {
            parts.Add(Read(part, bytes, ref at));
        }

        return new(own, parts.ToImmutable());
    }

    private sealed record Place(byte Nullability, ImmutableArray<Place> Parts);
}
