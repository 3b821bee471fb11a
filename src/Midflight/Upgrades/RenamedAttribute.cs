namespace Midflight;

/// <summary>Says that a member has another name than in an earlier version of its type, so that what it holds is taken over.</summary>
/// <param name="from">The name that it had: of a property, for the field behind one.</param>
/// <param name="to">The name that it has.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, AllowMultiple = true, Inherited = false)]
public sealed class RenamedAttribute(string from, string to) : Attribute
{
    /// <summary>The name that it had.</summary>
    public string From { get; } = from;

    /// <summary>The name that it has.</summary>
    public string To { get; } = to;
}
