namespace Midflight;

/// <summary>Says of members that a type had in an earlier version that they are gone for good, with what they hold in live values.</summary>
/// <remarks>Without it, a release that is planned from one in which the type has such a member is refused, since what the member holds would be lost.</remarks>
/// <param name="members">The names that the members had: of a property, for the field behind one.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = true, Inherited = false)]
public sealed class DroppedAttribute(params string[] members) : Attribute
{
    /// <summary>The names that the members had.</summary>
    public IReadOnlyList<string> Members { get; } = members;
}
