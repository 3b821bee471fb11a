using System.Collections.Immutable;
using System.Reflection;
using Midflight.Releases;
using Midflight.Releases.Declared;

namespace Midflight.Host;

/// <summary>Which fields of an old type go into which of a new one, and how: what <see cref="ShapeCompiler"/> compiles.</summary>
/// <param name="From">The old type.</param>
/// <param name="To">The new type.</param>
/// <param name="Moves">The fields.</param>
internal sealed record FieldPlan(Type From, Type To, ImmutableArray<FieldMove> Moves)
{
    /// <summary>The new members whose values the code declares.</summary>
    public ImmutableArray<(FieldInfo Field, DeclaredValue Value)> Declared { get; init; } = [];

    /// <summary>What the object is as a collection of .NET from which its type derives; null where it derives from none.</summary>
    public BaseState? Base { get; init; }

    /// <summary>The fields that go nowhere, though nothing says that their loss is meant.</summary>
    public ImmutableArray<(FieldInfo Field, LostMember Member)> Lost { get; init; } = [];

    /// <summary>Whether the result is not yet what the object becomes, because a written conversion follows.</summary>
    public bool IsStep { get; init; }

    public static FieldPlan Of(TypeChange change, Type from, Type to, ConverterTable table)
    {
        ImmutableArray<FieldMove> moves =
        [
            .. change.Kept.Select(kept => Kept(change.To, kept, from, to, table)),
            .. SharedMoves(from, to, table),
        ];
        return new(from, to, moves)
        {
            Base = BaseState.Between(from, to),
            Lost = [.. change.Lost.Select(lost => (LoadedTypes.Field(from, lost), new LostMember(change.To.ToString(), lost.Member.Name))).Where(lost => !lost.Item1.FieldType.IsPointer)],
            Declared = [.. change.Added.Where(added => added.Value is not null).Select(added => (LoadedTypes.Field(to, added.To), added.Value!))],
        };
    }

    /// <summary>The plan for a tuple or pair: field by field.</summary>
    public static FieldPlan OfTuple(Type from, Type to, ConverterTable table)
    {
        const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        return new(from, to, [.. from.GetFields(All).Select(field => Move(field.Name, field, to.GetField(field.Name, All)!, table))]);
    }

    // By the names of the elements, which only the member that holds the tuple has.
    private static FieldPlan OfTuple(Type from, Type to, ConverterTable table, ImmutableArray<int> order)
    {
        FieldInfo Item(Type type, int at) => type.GetField($"Item{at + 1}")!;
        return new(from, to, [.. order.Select((at, i) => Move(Item(to, i).Name, Item(from, at), Item(to, i), table))]);
    }

    /// <summary>The plan for a copy of a value of a type that stays what it is.</summary>
    public static FieldPlan OfSame(Type type, ConverterTable table) =>
        new(type, type, [.. AllFields(type).Where(field => !IsOfBase(field, type)).Select(field => Same(field, table))]) { Base = BaseState.Between(type, type) };

    // What stands in a place that is itself of an old type stays: only the application that the place belongs to has the place for what it becomes.
    private static FieldMove Same(FieldInfo field, ConverterTable table) => table.Map(field.FieldType) == field.FieldType
        ? Move(Wording.Member(field), field, field, table)
        : new(Wording.Member(field), field, field, PassConverter.Instance);

    /// <summary>Every instance field, those of ancestors included.</summary>
    public static IEnumerable<FieldInfo> AllFields(Type type)
    {
        const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

        for (var at = type; at is not null && at != typeof(object); at = at.BaseType)
        {
            foreach (var field in at.GetFields(Own))
            {
                yield return field;
            }
        }
    }

    public static bool IsTuple(Type type) => type.IsGenericType
        && (type.IsAssignableTo(typeof(System.Runtime.CompilerServices.ITuple)) || type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>))
        && type.Assembly == typeof(object).Assembly;

    /// <summary>What stands against copying that metadata alone does not tell; null if nothing does.</summary>
    public static ConversionRefusal? Against(Type from, Type to)
    {
        var shared = LoadedTypes.SharedFields(to).FirstOrDefault(field =>
            !IsOfBase(field, to) && !Closed.IsPlace(field.FieldType) && SharedConverters.RowOf(field.DeclaringType!) is not ({ MayBeParent: true }, _));
        return shared is not null
                ? new(LoadedTypes.Say(to), null, $"derives from {LoadedTypes.Say(shared.DeclaringType!)}, whose internals cannot be copied", $"Hold a {LoadedTypes.Say(shared.DeclaringType!)} in a member instead.")
            : from.IsValueType && from.IsByRefLike
                ? new(LoadedTypes.Say(to), null, "is a ref struct", "Hold an ordinary struct.")
            : Overlay.HasChanged(from, to)
                ? new(LoadedTypes.Say(to), null, "overlaps its members differently than before", "Keep the offsets of its members, or convert the type that holds it.")
            : null;
    }

    private static FieldMove Kept(Shape now, KeptMember kept, Type from, Type to, ConverterTable table)
    {
        var move = Move(kept.To.Member.Name, LoadedTypes.Field(from, kept.From), LoadedTypes.Field(to, kept.To), table);
        return move with
        {
            Converter = !kept.Order.IsEmpty ? new ShapeConverter(move.From.FieldType, move.To.FieldType, table => OfTuple(move.From.FieldType, move.To.FieldType, table, kept.Order))
                : kept.NotNull.IsEmpty ? move.Converter : new NoNullsConverter(move.Converter, kept.NotNull, ConversionRefusal.EmptyWithin(now, kept)),
            Empty = kept.MayNotBeNull || kept.Rule is PlaceRule.OutOfNullable || (MayBeNull(move.From.FieldType) && !MayBeNull(move.To.FieldType))
                ? ConversionRefusal.Empty(now, kept)
                : null,
        };
    }

    private static bool MayBeNull(Type type) => !type.IsValueType || Nullable.GetUnderlyingType(type) is not null;

    // What ancestors hold that are not hot. A collection among them is rebuilt as one.
    private static IEnumerable<FieldMove> SharedMoves(Type from, Type to, ConverterTable table) => LoadedTypes.SharedFields(from).Zip(LoadedTypes.SharedFields(to))
        .Where(pair => !IsOfBase(pair.Second, to) && !FieldsConverter.IsCache(pair.Second))
        .Select(pair => Move(Wording.Member(pair.Second), pair.First, pair.Second, table));

    private static bool IsOfBase(FieldInfo field, Type type) => BaseState.Of(type) is { } collection && field.DeclaringType!.IsAssignableFrom(collection);

    private static FieldMove Move(string name, FieldInfo from, FieldInfo to, ConverterTable table) =>
        new(name, from, to, table.Place(from.FieldType, to.FieldType));
}

/// <summary>One field that goes into another.</summary>
/// <param name="Name">The member, as a person says it.</param>
/// <param name="From">The old field.</param>
/// <param name="To">The new field.</param>
/// <param name="Converter">How its value is taken over.</param>
internal sealed record FieldMove(string Name, FieldInfo From, FieldInfo To, Converter Converter)
{
    /// <summary>Why an empty value cannot go into the new field; null where it can.</summary>
    public ConversionRefusal? Empty { get; init; }

    /// <summary>Whether the value is copied as it is.</summary>
    public bool IsCopy => Empty is null && (From.FieldType == To.FieldType
        ? Converter is PassConverter
        : From.FieldType.IsEnum && Converter is EnumConverter { KeepsNumbers: true });
}
