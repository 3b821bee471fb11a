namespace Midflight;

/// <summary>Says that members which a type had in an earlier version are gone for good, together with their values in live objects.</summary>
/// <remarks>Without it, an upgrade from a release in which the type has such a member is refused, because the member's values would be lost.</remarks>
/// <param name="members">The old names of the members; for a field behind a property, the property's name.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = true, Inherited = false)]
public sealed class DroppedAttribute(params string[] members) : Attribute
{
    /// <summary>The old names of the members.</summary>
    public IReadOnlyList<string> Members { get; } = members;
}
