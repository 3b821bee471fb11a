using System.Runtime.CompilerServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Takes over what an object is as a collection of .NET from which its hot type derives.</summary>
/// <remarks>
/// Nothing that the hot type overrides is called: what the base has is put into a collection of just the base's type, that is rebuilt by its
/// rule, and its fields go into the new object, at the end if they are filled at the end only.
/// </remarks>
internal sealed class BaseState(Type from, Type to)
{
    private Converter? _converter;

    /// <summary>The collection that a hot type derives from, with rules that rebuild it; null if it derives from none.</summary>
    public static Type? Of(Type hot)
    {
        var at = hot.BaseType;

        while (at is not null && LoadedTypes.IsHot(at))
        {
            at = at.BaseType;
        }

        return at is not null && SharedConverters.RowOf(at) is ({ MayBeParent: true, Family: SharedFamily.Sequence or SharedFamily.Stack or SharedFamily.Set or SharedFamily.Map }, var row) && row == at ? at : null;
    }

    /// <summary>The same of two types; null where either derives from none.</summary>
    public static BaseState? Between(Type from, Type to) => Of(from) is { } old && Of(to) is { } now ? new(old, now) : null;

    /// <summary>Takes it over into a new object that has nothing yet.</summary>
    public void Take(object old, object now, Crossing crossing)
    {
        _converter ??= SharedConverters.Rebuild(from, to, crossing.Table);
        Put(to, _converter.Convert(Plain(from, old), crossing)!, now, crossing);
    }

    /// <summary>What an object has as one of a type from which its own derives: a collection of just that type, with the same insides.</summary>
    public static object Plain(Type parent, object value)
    {
        var plain = RuntimeHelpers.GetUninitializedObject(parent);
        Copy(parent, value, plain);
        return plain;
    }

    /// <summary>Puts what a collection has into an object of a type that derives from its type, at the end where it is filled at the end only.</summary>
    public static void Put(Type parent, object rebuilt, object now, Account account)
    {
        Copy(parent, rebuilt, now);

        if (account.IsUnfinished(rebuilt))
        {
            account.FillLater(now, () => Copy(parent, rebuilt, now));
        }
    }

    private static void Copy(Type type, object source, object target)
    {
        foreach (var field in Closed.Fields(type))
        {
            field.SetValue(target, field.GetValue(source));
        }
    }
}
