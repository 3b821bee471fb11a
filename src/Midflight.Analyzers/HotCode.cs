using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Midflight.Analyzers;

/// <summary>Which code of a project an upgrade replaces.</summary>
/// <remarks>
/// In an application, that is all of it. An application is a project with Midflight.Sdk, or a library with a public start module. Elsewhere, such as in tests or in
/// a program around a node, it is only modules and process functions, with the types around and inside them.
/// </remarks>
internal sealed class HotCode
{
    private readonly Compilation _compilation;
    private readonly INamedTypeSymbol _behaviour;
    private readonly INamedTypeSymbol? _application;
    private readonly Lazy<ImmutableArray<INamedTypeSymbol>> _types;
    private readonly Lazy<bool> _isWhole;
    private readonly Lazy<ImmutableHashSet<INamedTypeSymbol>> _carried;
    private readonly Lazy<ImmutableArray<IMethodSymbol>> _conversions;

    private HotCode(Compilation compilation, INamedTypeSymbol behaviour, bool isSdk)
    {
        _compilation = compilation;
        _behaviour = behaviour;
        _application = compilation.GetTypeByMetadataName("Midflight.Application");
        _types = new(() => [.. All(compilation.Assembly.GlobalNamespace)]);
        _isWhole = new(() => isSdk || (compilation.Options.OutputKind == OutputKind.DynamicallyLinkedLibrary && _types.Value.Any(type => type is { IsAbstract: false, DeclaredAccessibility: Accessibility.Public } && type.Is(_application))));
        _carried = new(Carry);
        _conversions = new(() => [.. _types.Value.SelectMany(type => type.GetMembers()).OfType<IMethodSymbol>().Where(method => method.Has("Midflight.ConvertAttribute"))]);
    }

    /// <summary>Every method marked [Convert].</summary>
    public ImmutableArray<IMethodSymbol> Conversions => _conversions.Value;

    /// <summary>The types of states and messages: those that modules name as their state, those nested in modules, and those inside these.</summary>
    public ImmutableHashSet<INamedTypeSymbol> Carried => _carried.Value;

    /// <summary>Null if the project does not refer to Midflight, or is Midflight itself.</summary>
    public static HotCode? Of(Compilation compilation, AnalyzerOptions options) =>
        compilation.GetTypeByMetadataName("Midflight.Behaviour") is { } behaviour && !SymbolEqualityComparer.Default.Equals(behaviour.ContainingAssembly, compilation.Assembly)
            ? new(compilation, behaviour, options.AnalyzerConfigOptionsProvider.GlobalOptions.TryGetValue("build_property.IsMidflightApplication", out var sdk) && sdk == "true")
            : null;

    /// <summary>Whether a type is a module: its callbacks run in processes, and it has at most one instance in a code version.</summary>
    public bool IsModule(INamedTypeSymbol? type) => type is not null && (type.Is(_behaviour) || type.Is(_application));

    /// <summary>Whether an upgrade replaces the code of a type.</summary>
    public bool IsHot(INamedTypeSymbol? type)
    {
        if (type is null || !IsOwn(type))
        {
            return false;
        }

        for (var at = type; at is not null; at = at.ContainingType)
        {
            if (IsModule(at) || at.GetMembers().Any(IsProcessFunction) || Carried.Contains(at.OriginalDefinition))
            {
                return true;
            }
        }

        return _isWhole.Value;
    }

    /// <summary>Whether all of a method runs in a process: it is a callback, another method of a module's instance, or a process function.</summary>
    public bool RunsInProcess(ISymbol symbol)
    {
        while (symbol is IMethodSymbol { MethodKind: MethodKind.AnonymousFunction or MethodKind.LocalFunction })
        {
            symbol = symbol.ContainingSymbol;
        }

        return symbol is IMethodSymbol { MethodKind: MethodKind.Ordinary } method && (IsProcessFunction(method) || (!method.IsStatic && IsModule(method.ContainingType)));
    }

    /// <summary>Adds the types that a value of a state or message type holds, including itself, as far as this project defines them.</summary>
    public void Reach(ITypeSymbol? type, ISet<INamedTypeSymbol> reached)
    {
        switch (type)
        {
            case IArrayTypeSymbol array:
                Reach(array.ElementType, reached);
                break;
            case INamedTypeSymbol named:
                foreach (var argument in named.TypeArguments)
                {
                    Reach(argument, reached);
                }

                if (!IsOwn(named) || IsModule(named) || named.TypeKind is TypeKind.Delegate or TypeKind.Enum || !reached.Add(named.OriginalDefinition))
                {
                    break;
                }

                foreach (var member in named.OriginalDefinition.HeldMembers())
                {
                    Reach(member.Type, reached);
                }

                Reach(named.BaseType, reached);
                break;
        }
    }

    private static bool IsProcessFunction(ISymbol member) =>
        member is IMethodSymbol { MethodKind: MethodKind.Ordinary, ReturnType: INamedTypeSymbol { Name: "ProcessTask", ContainingNamespace.Name: "Midflight" } };

    private bool IsOwn(INamedTypeSymbol type) => SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, _compilation.Assembly);

    private ImmutableHashSet<INamedTypeSymbol> Carry()
    {
        var reached = new HashSet<INamedTypeSymbol>(SymbolEqualityComparer.Default);

        foreach (var type in _types.Value.Where(IsModule))
        {
            for (var at = type.BaseType; at is not null; at = at.BaseType)
            {
                foreach (var state in at.TypeArguments)
                {
                    Reach(state, reached);
                }
            }

            foreach (var message in type.GetTypeMembers())
            {
                Reach(message, reached);
            }
        }

        return reached.ToImmutableHashSet<INamedTypeSymbol>(SymbolEqualityComparer.Default);
    }

    private static IEnumerable<INamedTypeSymbol> All(INamespaceOrTypeSymbol within)
    {
        foreach (var member in within.GetMembers().OfType<INamespaceOrTypeSymbol>())
        {
            if (member is INamedTypeSymbol type)
            {
                yield return type;
            }

            foreach (var inner in All(member))
            {
                yield return inner;
            }
        }
    }
}
