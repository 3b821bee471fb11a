namespace Midflight;

/// <summary>Says that a member has another name than in an earlier version of its type, so that its value is carried over.</summary>
/// <param name="from">The old name; for a field behind a property, the property's name.</param>
/// <param name="to">The new name.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = true, Inherited = false)]
public sealed class RenamedAttribute(string from, string to) : Attribute
{
    /// <summary>The old name.</summary>
    public string From { get; } = from;

    /// <summary>The new name.</summary>
    public string To { get; } = to;
}
