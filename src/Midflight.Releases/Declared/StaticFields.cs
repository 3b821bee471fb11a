namespace Midflight.Releases.Declared;

/// <summary>What static fields of hot types hold, where their static constructor only computes.</summary>
internal static class StaticFields
{
    /// <summary>A constant, or something else where the field has to be read; null where reading it would run code that has effects.</summary>
    public static DeclaredValue? Of(CodeLibrary library, DeclaredField field)
    {
        if (!library.Statics.TryGetValue(field.Type, out var statics))
        {
            // What asks for itself meanwhile is told nothing.
            library.Statics[field.Type] = null;
            library.Statics[field.Type] = statics = Read(library, field.Type);
        }

        return statics is null ? null
            : library.IsReadOnly(field) ? statics.GetValueOrDefault(field) ?? DeclaredValue.Nothing
            : new DeclaredValue.Unknown($"{CSharpName.Short(field.Type)}.{field.Name} may have changed");
    }

    private static IReadOnlyDictionary<DeclaredField, DeclaredValue>? Read(CodeLibrary library, string type)
    {
        if (library.Methods(type).FirstOrDefault(method => method.Name == ".cctor") is not { Body: not null } constructor)
        {
            return new Dictionary<DeclaredField, DeclaredValue>();
        }

        var machine = new Machine(library, new Shape(type, ShapeKind.Class), new Dictionary<DeclaredField, PlacedMember>(), new ConstructorPath(2_000)) { IsStatic = true };

        try
        {
            machine.Run(constructor, []);
        }
        catch (PathThrowsException)
        {
            return null;
        }

        return machine.IsClean && machine.Statics.Values.All(value => value.IsKnown) ? machine.Statics : null;
    }
}
