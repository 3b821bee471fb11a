using System.Collections.Immutable;
using Midflight.Releases.Declared;

namespace Midflight.Releases;

/// <summary>What each new member of a type becomes.</summary>
/// <param name="Members">The members for which that is certain.</param>
/// <param name="Refusals">Why it is not for the others.</param>
internal sealed record NewMemberDefaults(ImmutableArray<NewMember> Members, ImmutableArray<ConversionRefusal> Refusals)
{
    public static NewMemberDefaults Of(Shape now, ImmutableArray<KeptMember> kept, ImmutableArray<PlacedMember> added, ShapeCatalog types, Advice advice)
    {
        // No value is of just an abstract type; what derives from it is looked at for itself.
        if (added.IsEmpty || now.IsAbstract)
        {
            return new([.. added.Select(member => new NewMember(member, NewMemberDefault.Declared) { Value = DeclaredValue.Nothing })], []);
        }

        var values = DeclaredMembers.Read(types, now, kept.Select(member => member.To), added);
        var members = ImmutableArray.CreateBuilder<NewMember>();
        var refusals = ImmutableArray.CreateBuilder<ConversionRefusal>();

        foreach (var (member, value) in added.Zip(values))
        {
            var (result, found) = Default(member, value);

            if (result is not null)
            {
                members.Add(result);
            }
            else
            {
                refusals.Add(new(now.ToString(), member.Member.Name, found!, value switch
                {
                    DeclaredValue.Argument(_, var parameter) when !member.Member.IsRequired => advice.Parameter(member.Member, parameter),
                    DeclaredValue.Unknown when !member.Member.IsRequired => advice.Convert,
                    _ => advice.Default(member.Member),
                }));
            }
        }

        return new(members.ToImmutable(), refusals.ToImmutable());
    }

    private static (NewMember?, string?) Default(PlacedMember placed, DeclaredValue? value)
    {
        var member = placed.Member;
        var isValue = member.Type is TypeName.Named { IsValueType: true };
        var mayBeNull = member.Type is TypeName.Named { FullName: "System.Nullable`1" } || (!isValue && member.IsNullable);

        return value switch
        {
            // A required member is set by who makes the object; what is declared besides is not what it holds.
            _ when member.IsRequired => (null, "is new, required and has no default"),
            null when isValue => (new(placed, mayBeNull ? NewMemberDefault.Null : NewMemberDefault.Zero), null),
            null when member.AllowsNull => (new(placed, NewMemberDefault.Null), null),
            null => (null, "is new, may not be null and has no default"),
            DeclaredValue.Argument when mayBeNull => (new(placed, NewMemberDefault.Null), null),
            DeclaredValue.Argument => (null, "is new and set from a constructor parameter that no old member provides"),
            DeclaredValue.Unknown(var why) => (null, $"is new, and only running its constructor would tell its value, as {why}"),
            DeclaredValue.Constant { Value: null } when !isValue && !member.AllowsNull => (null, "is new, may not be null and has no default"),
            _ => (new(placed, NewMemberDefault.Declared) { Value = value }, null),
        };
    }
}
