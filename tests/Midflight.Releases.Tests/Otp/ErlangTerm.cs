using System.Collections.Immutable;
using System.Numerics;
using System.Text;

namespace Midflight.Releases.Tests.Otp;

/// <summary>A term of Erlang. A string is a list of numbers, as it is there.</summary>
public abstract record ErlangTerm
{
    private ErlangTerm() { }

    public sealed record Atom(string Name) : ErlangTerm;

    public sealed record Whole(BigInteger Value) : ErlangTerm;

    public sealed record Real(double Value) : ErlangTerm;

    public sealed record Binary(ImmutableArray<byte> Bytes) : ErlangTerm;

    public sealed record Tuple(ImmutableArray<ErlangTerm> Elements) : ErlangTerm;

    public sealed record Map(ImmutableArray<(ErlangTerm Key, ErlangTerm Value)> Members) : ErlangTerm;

    public sealed record List(ImmutableArray<ErlangTerm> Elements) : ErlangTerm;

    /// <summary>The text of a list of characters, or null if it is something else.</summary>
    public string? Text
    {
        get
        {
            if (this is not List(var elements))
            {
                return null;
            }

            var text = new StringBuilder();
            foreach (var element in elements)
            {
                if (element is not Whole(var code) || code < 0 || code > 0x10FFFF || !Rune.IsValid((int)code))
                {
                    return null;
                }

                text.Append(new Rune((int)code));
            }

            return text.ToString();
        }
    }

    /// <summary>The elements of a tuple that starts with an atom of this name, or null.</summary>
    public ImmutableArray<ErlangTerm>? Tagged(string tag) =>
        this is Tuple { Elements: [Atom(var name), ..] and var elements } && name == tag ? elements : null;
}
