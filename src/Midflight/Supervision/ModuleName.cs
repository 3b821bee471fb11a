using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>A module by name. It may be kept while code versions come and go.</summary>
/// <remarks>A <see cref="Type"/> of hot code would keep its version in memory. This keeps only the application and the type's name.</remarks>
internal sealed class ModuleName
{
    private static readonly ConditionalWeakTable<Type, ModuleName> s_known = [];

    private readonly HotApplication? _application;

    // Only for code that is not hot.
    private readonly Type? _type;

    private ModuleName(Type type)
    {
        FullName = type.FullName ?? type.Name;
        ShortName = type.Name;
        _application = CodeVersion.Of(type)?.Application;
        _type = _application is null ? type : null;
    }

    internal string FullName { get; }

    internal string ShortName { get; }

    internal HotApplication? Application => _application;

    internal static ModuleName Of(Type type) => s_known.GetValue(type, static type => new(type));

    /// <summary>The module in its current version.</summary>
    /// <exception cref="MissingMethodException">It is not there.</exception>
    internal Type Resolve()
    {
        if (_application is not { } application)
        {
            return _type!;
        }

        var current = application.Current ?? throw new MissingMethodException(
            $"module {FullName} has no code: application {application.Name} is not loaded. Load it, or drop the child");
        return current.FindType(FullName) ?? throw new MissingMethodException(
            $"module {FullName} is not in {current}. Keep the module, or drop the child");
    }

    public override string ToString() => FullName;
}
