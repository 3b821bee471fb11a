namespace Midflight.Releases;

/// <summary>Why values of a type cannot be taken over, and the line that would change that.</summary>
/// <param name="Type">The type, as a person writes it.</param>
/// <param name="Member">The member, or null where it is the type itself.</param>
/// <param name="Found">What stands against it, as the end of a sentence that begins with the member.</param>
/// <param name="Write">What to do: the line to write.</param>
public sealed record ConversionRefusal(string Type, string? Member, string Found, string Write)
{
    /// <summary>The whole sentence shown to a person, ending with what to do.</summary>
    public override string ToString() => $"{(Member is null ? Type : $"{Type}.{Member}")} {Found}. {Write}";

    /// <summary>That a live value has a null within it, where the new member may have none.</summary>
    internal static ConversionRefusal EmptyWithin(Shape now, KeptMember member) => new(
        now.ToString(), member.To.Member.Name, "may no longer be null, but a live value has null there",
        $"Allow null, with a `?` in its type, or write a [Convert] for {now}.");

    /// <summary>That a live value is empty where the new member may not be.</summary>
    internal static ConversionRefusal Empty(Shape now, KeptMember member) => new(
        now.ToString(), member.To.Member.Name, $"is {member.To.Member.Type}, but a live value is empty there",
        $"Let it be empty (`{member.To.Member.Type}?`), or write a [Convert] for {now}.");
}
