namespace Midflight;

/// <summary>Says that what a member holds, or what values of a type hold, is left out of snapshots of the node, and not shown by the observer.</summary>
/// <remarks>
/// In a snapshot texts are <c>***</c> there, numbers and times zero, and collections empty; objects keep their form. It changes nothing else: an upgrade takes the value
/// along, and a node that starts from what it wrote for itself has it again.
/// </remarks>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field | AttributeTargets.Parameter | AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class SecretAttribute : Attribute;
