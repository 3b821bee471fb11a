namespace Midflight.Releases.Declared;

/// <summary>What a type name alone tells of the values in a place of it.</summary>
internal static class Types
{
    /// <summary>Whether a place of the type holds a value that nothing can change through it: a number, a struct, a text.</summary>
    public static bool IsValue(TypeName type) => type is TypeName.Named { IsValueType: true } or TypeName.Named { FullName: "System.String" };

    public static bool IsVoid(TypeName type) => type is TypeName.Named { FullName: "System.Void" };
}
