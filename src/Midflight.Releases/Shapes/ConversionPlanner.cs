namespace Midflight.Releases;

/// <summary>Follows the types that a value may hold and collects what conversion does to each.</summary>
internal sealed class ConversionPlanner(ShapeRules rules)
{
    private readonly HashSet<(string, string)> _seen = [];
    private readonly List<ConvertedType> _types = [];
    private readonly List<ConversionRefusal> _refusals = [];

    public ConversionPlan Plan => new([.. _types], [.. _refusals.Distinct()]);

    public void Visit(TypeName old, TypeName now)
    {
        switch (rules.Between(old, now))
        {
            case PlaceRule.Refused(var why):
                _refusals.Add(new(now.ToString(), null, $"was {old} and is {now}, {why}", Advice.Between(rules, old, now)));
                break;
            case var rule:
                Visit(old, now, rule);
                break;
        }
    }

    private void Visit(TypeName old, TypeName now, PlaceRule rule)
    {
        switch (rule)
        {
            case PlaceRule.Hot(var from, var to):
                Visit(rules.From.Find(from)!, rules.To.Find(to)!);
                from.Arguments.Zip(to.Arguments).ToList().ForEach(pair => Visit(pair.First, pair.Second));
                break;
            case PlaceRule.Parts when (old, now) is (TypeName.Array a, TypeName.Array b):
                Visit(a.Element, b.Element);
                break;
            case PlaceRule.Parts when (old, now) is (TypeName.Named a, TypeName.Named b):
                a.Arguments.Zip(b.Arguments).ToList().ForEach(pair => Visit(pair.First, pair.Second));
                break;
            case PlaceRule.Rebuilt when CollectionKinds.Parts(old, now) is var (before, after):
                before.Zip(after).ToList().ForEach(pair => Visit(pair.First, pair.Second));
                break;
            case PlaceRule.OutOfNullable when old is TypeName.Named { Arguments: [var value] }:
                Visit(value, now);
                break;
            case PlaceRule.IntoNullable when now is TypeName.Named { Arguments: [var inner] }:
                Visit(old, inner);
                break;
            case PlaceRule.Written(var route):
                Steps(route);
                break;
        }
    }

    private void Visit(Shape old, Shape now)
    {
        if (!_seen.Add((old.Name, now.Name)))
        {
            return;
        }

        var route = rules.Route(old, now);

        if (route.IsWritten)
        {
            _types.Add(new(now.ToString(), ConversionVerdict.Written));
            Steps(route);
        }
        else if (rules.Change(old, now) is { Refusals: [var refusal, ..] } && IsMadeByHeirsAlone(old))
        {
            // It is what its heirs begin with: what stands against it stands against no value, unless one of just it has come about in another way.
            _types.Add(new(now.ToString(), ConversionVerdict.LiveValues) { Unproven = [$"no code makes {old} but as a base, and one that there is all the same is refused, as {refusal}"] });
        }
        else if (!old.IsAbstract || old.Kind != now.Kind)
        {
            // No value is of an abstract type alone. What it declares is looked at in each type that derives from it, in its own way.
            ByShape(rules.Change(old, now));
        }

        foreach (var derived in old.IsSealed ? [] : rules.From.Derived(old.Name))
        {
            Derived(derived);
        }
    }

    private bool IsMadeByHeirsAlone(Shape old) => old is { Kind: ShapeKind.Class, IsSealed: false, IsAbstract: false } && rules.From.Derived(old.Name).Any() && !rules.From.IsMade(old);

    private void Derived(Shape derived)
    {
        if (rules.Namesake(derived) is { } namesake)
        {
            Visit(derived, namesake);
        }
        else
        {
            _types.Add(new(derived.ToString(), ConversionVerdict.Unchanged)
            {
                Unproven = [$"{derived} is gone; a value that still contains one is refused"],
            });
        }
    }

    private void Steps(ConversionRoute route)
    {
        foreach (var (from, to) in route.Steps.OfType<RouteStep.ByShape>())
        {
            if (rules.From.Find(from) is { } old && rules.To.Find(to) is { } now)
            {
                ByShape(rules.Change(old, now));
            }
        }
    }

    private void ByShape(TypeChange change)
    {
        _refusals.AddRange(change.Refusals);
        var name = change.To.ToString();
        _types.Add(new(name, change switch
        {
            { Refusals.IsEmpty: false } => ConversionVerdict.Refused,
            { IsUnchanged: true } => ConversionVerdict.Unchanged,
            { IsDecidedByValues: true } => ConversionVerdict.LiveValues,
            _ => ConversionVerdict.ByShape,
        })
        {
            Notes = [.. Notes(change, name)],
            Lost = [.. change.Lost.Select(member => $"{name}.{member.Member.Name}")],
            Unproven =
            [
                .. change.NamesGone.Select(gone => $"{name}.{gone} is gone; a value of it is refused"),
                .. change.Kept.Where(member => member.IsOpen).Select(member => $"{name}.{member.To.Member.Name} {Decided(member)}"),
            ],
        });

        foreach (var member in change.Kept)
        {
            Visit(member.FromInOrder, member.To.Member.Type, member.Rule);
        }
    }

    /// <summary>What a value decides of a member, as the end of a sentence that begins with it.</summary>
    internal static string Decided(KeptMember member) => member switch
    {
        { MayNotBeNull: true } => $"was {member.From.Member.Type}? and is {member.To.Member.Type}; null is refused",
        { Rule: PlaceRule.OutOfNullable } => $"was {member.From.Member.Type} and is {member.To.Member.Type}; an empty one is refused",
        { Rule: PlaceRule.OnlyNull(var why) } => $"was {member.From.Member.Type} and is {member.To.Member.Type}, {why}; anything but null is refused",
        { Rule: PlaceRule.Narrowed } => $"was {member.From.Member.Type} and is {member.To.Member.Type}; a number that does not fit is refused",
        _ when member.From.Member.Type.Equals(member.To.Member.Type) => $"is {member.To.Member.Type}; its content is known only in the node",
        _ => $"was {member.From.Member.Type} and is {member.To.Member.Type}; its content is known only in the node",
    };

    private static IEnumerable<string> Notes(TypeChange change, string name) =>
        change.Dropped.Select(member => $"{name}.{member.Member.Name} is dropped")
            .Concat(change.Kept.Where(member => member.IsFolded).Select(member => $"{name}.{member.To.Member.Name} is {member.From.Member.Name}, spelled differently"))
            .Concat(change.Kept.Where(member => !member.Order.IsEmpty).Select(member => $"{name}.{member.To.Member.Name} has its elements in another order; they are found by their names"))
            .Concat(change.From.Name == change.To.Name ? [] : [$"{name} was {change.From.Name.Replace('+', '.')} and has moved to {change.To.Name.Replace('+', '.')}"])
            .Concat(change.Added.Select(member => $"{name}.{member.To.Member.Name} is new: " + member.Default switch
            {
                NewMemberDefault.Declared => "it takes its declared default",
                NewMemberDefault.Null => "null",
                _ => $"the default of {member.To.Member.Type}",
            }));
}
