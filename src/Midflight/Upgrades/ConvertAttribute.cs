namespace Midflight;

/// <summary>Marks a static method with one parameter as the conversion from the parameter's type to the return type.</summary>
/// <remarks>
/// It may be in any type of the application, and may be private. Conversions compose: from 0.1 to 0.3, a value passes
/// through each shape between. In a downgrade, the methods of the newer code run.
/// It must only convert, with no side effects: it also runs in rehearsals, whose results are thrown away.
/// </remarks>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class ConvertAttribute : Attribute;
