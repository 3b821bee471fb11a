using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Finds what each new member of a type becomes, and the constructor that has to run for it, if any.</summary>
internal sealed class NewMemberDefaults
{
    private readonly Shape _now;
    private readonly ImmutableArray<KeptMember> _kept;
    private readonly ImmutableArray<PlacedMember> _added;
    private readonly Advice _advice;
    private readonly HashSet<string> _inherited;

    public NewMemberDefaults(Shape now, ImmutableArray<KeptMember> kept, ImmutableArray<PlacedMember> added, ShapeCatalog types, Advice advice)
    {
        (_now, _kept, _added, _advice) = (now, kept, added, advice);
        _inherited = [.. types.Ancestors(now).SelectMany(ancestor => ancestor.Constructors).SelectMany(constructor => constructor.Sets)];

        if (added.IsEmpty)
        {
            return;
        }

        // The constructor that sets most of what is new, and of those the one that takes most of what is kept.
        var best = now.Constructors
            .Select(constructor => (Constructor: constructor, Arguments: ArgumentsFor(constructor)))
            .Where(candidate => candidate.Arguments is not null)
            .OrderByDescending(candidate => added.Count(member => Sets(candidate.Constructor, member)))
            .ThenByDescending(candidate => candidate.Arguments!.Value.Count(argument => argument is not null))
            .FirstOrDefault();
        Members = [.. added.Select(member => Default(member, best.Constructor))
            .Where(member => member is not null).Select(member => member!)];

        if (Members.Any(member => member.Default == NewMemberDefault.Declared))
        {
            (Constructor, Arguments) = (best.Constructor, best.Arguments!.Value);
        }
    }

    public ImmutableArray<NewMember> Members { get; } = [];

    public ShapeConstructor? Constructor { get; }

    public ImmutableArray<PlacedMember?> Arguments { get; } = [];

    public List<ConversionRefusal> Refusals { get; } = [];

    private NewMember? Default(PlacedMember placed, ShapeConstructor? constructor)
    {
        var member = placed.Member;
        var parameter = _now.Constructors.SelectMany(other => other.Parameters)
            .FirstOrDefault(parameter => Means(parameter.Name, member.Name) && parameter.Type.Equals(member.Type));
        var isValue = member.Type is TypeName.Named { IsValueType: true };
        var allowsNull = member.Type is TypeName.Named { FullName: "System.Nullable`1" } || (!isValue && member.AllowsNull);

        if (constructor is not null && Sets(constructor, placed) && !IsMandatory(constructor, member))
        {
            return new(placed, NewMemberDefault.Declared);
        }

        if (member.IsRequired)
        {
            return Refuse(member, "is new, required and has no default");
        }

        if (parameter is { IsOptional: false } && !allowsNull)
        {
            return Refuse(member, "is a new parameter of the constructor and has no default");
        }

        if (allowsNull)
        {
            return new(placed, NewMemberDefault.Null);
        }

        if (isValue)
        {
            return new(placed, NewMemberDefault.Zero);
        }

        return Refuse(member, _now.Constructors.Any(other => Sets(other, placed))
            ? "is new and set only by constructors with parameters that no old member has"
            : "is new, may not be null and has no default");
    }

    private NewMember? Refuse(ShapeMember member, string found)
    {
        Refusals.Add(new(_now.ToString(), member.Name, found, _advice.Default(member)));
        return null;
    }

    // What stands for each parameter: a member that is kept, or null for its default; null as a whole if one has neither.
    private ImmutableArray<PlacedMember?>? ArgumentsFor(ShapeConstructor constructor)
    {
        var arguments = ImmutableArray.CreateBuilder<PlacedMember?>();

        foreach (var parameter in constructor.Parameters)
        {
            var member = _kept.FirstOrDefault(kept => Means(parameter.Name, kept.To.Member.Name) && parameter.Type.Equals(kept.To.Member.Type))?.To;

            if (member is null && !parameter.IsOptional && !MayBeEmpty(parameter))
            {
                return null;
            }

            arguments.Add(member);
        }

        return arguments.ToImmutable();
    }

    // A new parameter without a default is passed null or zero; whether its member bears that is decided with the member.
    private bool MayBeEmpty(ShapeParameter parameter) =>
        parameter.Type is TypeName.Named { FullName: "System.Nullable`1" }
        || (parameter.AllowsNull && parameter.Type is not TypeName.Named { IsValueType: true })
        || _added.Any(added => Means(parameter.Name, added.Member.Name) && parameter.Type.Equals(added.Member.Type));

    private static bool IsMandatory(ShapeConstructor constructor, ShapeMember member) =>
        constructor.Parameters.Any(parameter => !parameter.IsOptional && Means(parameter.Name, member.Name) && parameter.Type.Equals(member.Type));

    private bool Sets(ShapeConstructor constructor, PlacedMember placed) => placed.DeclaredIn == _now.Name
        ? constructor.Sets.Contains(placed.Member.Field)
        : _inherited.Contains(placed.Member.Field);

    // The parameter `rooms` means the members Rooms, rooms, _rooms and m_rooms.
    private static bool Means(string parameter, string member)
    {
        var name = member.AsSpan();
        name = name.StartsWith("m_") ? name[2..] : name.TrimStart('_');
        return name.Equals(parameter, StringComparison.OrdinalIgnoreCase);
    }
}
