using System.Diagnostics.CodeAnalysis;

namespace Midflight.Host;

/// <summary>One value on its way into another code version.</summary>
internal sealed class Crossing(ConverterTable table, object root, bool tracks, Losses? losses = null, WrittenCalls? calls = null, bool byOwner = true) : Account(root, tracks)
{
    public ConverterTable Table => table;

    /// <summary>Calls what is marked <c>[Convert]</c>; null where it is not on a thread for that.</summary>
    public WrittenCalls? Calls => calls;

    /// <summary>Takes note of what is lost; null where nobody asks.</summary>
    public Losses? Losses => losses;

    /// <summary>Says that something is about to be read which may change meanwhile, unless the owner of the value waits for it.</summary>
    /// <exception cref="NeedsOwnerException">The owner goes on meanwhile.</exception>
    public void NeedOwner()
    {
        if (!byOwner)
        {
            throw new NeedsOwnerException();
        }
    }

    /// <summary>Finds something of another version anywhere in a value.</summary>
    public (object Found, string Where)? Find(object value)
    {
        NeedOwner();
        return Look.For(value, table.IsForeign);
    }

    /// <summary>Converts whatever it is by its own type.</summary>
    [return: NotNullIfNotNull(nameof(value))]
    public object? Any(object? value) => value is null ? null : table.For(value.GetType()).Convert(value, this);

    /// <summary>Converts a part that is no member of what is built now: what a view is of, the comparer of a dictionary.</summary>
    public object? Part(string name, object? value)
    {
        if (value is null)
        {
            return null;
        }

        Enter(name);
        var now = Any(value);
        Leave();
        return now;
    }

    /// <summary>Goes on with a converter where there is room.</summary>
    public object? OnFreshStack(Converter converter, object value) => OnFreshStack(() => converter.Convert(value, this));
}

/// <summary>Ends a crossing that has met a <c>[Convert]</c>; it begins anew, copies what the old state holds too, and goes where such methods are called (<see cref="WrittenCalls"/>).</summary>
internal sealed class NeedsCallsException : Exception;

/// <summary>Ends a crossing beside the owner of the value that has met what may change: it begins anew with the owner waiting.</summary>
internal sealed class NeedsOwnerException : Exception;
