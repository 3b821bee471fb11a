namespace Midflight;

/// <summary>A definition that may be kept: without types of hot code, which would keep their version in memory.</summary>
internal sealed class DefinedApplication
{
    private DefinedApplication(ApplicationDefinition definition)
    {
        Module = definition.StartModule is { } module ? ModuleName.Of(module) : null;
        Included = [.. definition.Included.Select(Of)];
        Definition = definition with { StartModule = null, Included = [.. Included.Select(included => included.Definition)] };
    }

    internal static DefinedApplication Of(ApplicationDefinition definition) => new(definition);

    internal ApplicationDefinition Definition { get; }

    /// <summary>Null for a library.</summary>
    internal ModuleName? Module { get; }

    private IReadOnlyList<DefinedApplication> Included { get; }

    /// <summary>Instances, each for one callback, of the start modules in a code version: its own, and those of included applications.</summary>
    internal List<Application> ModulesIn(CodeVersion version)
    {
        var modules = new List<Application>();

        foreach (var one in Tree)
        {
            if (one.Module is { } module && module.Application == version.Application && version.FindType(module.FullName) is { } type)
            {
                modules.Add((Application)version.Modules.Create(type));
            }
        }

        return modules;
    }

    /// <summary>Included applications with those that they include in turn, and itself.</summary>
    internal IEnumerable<DefinedApplication> Tree => Included.SelectMany(included => included.Tree).Prepend(this);
}
