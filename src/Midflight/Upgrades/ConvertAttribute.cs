namespace Midflight;

/// <summary>Marks a static method of one parameter as the way from the parameter's type to the type it returns.</summary>
/// <remarks>
/// It may stand in any type of the application, and may be private. Conversions compose: from 0.1 to 0.3 a value runs
/// through each shape between. On the way down the methods of the newer code run.
/// It must do nothing but convert: it also runs in rehearsals, whose result is thrown away.
/// </remarks>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class ConvertAttribute : Attribute;
