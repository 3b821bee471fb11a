using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Midflight.Analyzers;

/// <summary>MF0001 and MF0002: mutable data that is not part of the state of a process.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ChangingFields : HotAnalyzer
{
    // Methods that change a collection. GetOrAdd is not one: what it adds can be created again.
    private static readonly ImmutableHashSet<string> s_changes =
    [
        "Add", "TryAdd", "AddOrUpdate", "AddRange", "AddFirst", "AddLast", "Append", "AppendLine", "Clear", "Dequeue", "TryDequeue", "Enqueue", "ExceptWith", "Insert",
        "IntersectWith", "Pop", "TryPop", "Push", "Remove", "RemoveAll", "RemoveAt", "RemoveWhere", "SymmetricExceptWith", "Take", "TryRemove", "TryTake", "TryUpdate", "UnionWith",
    ];

    /// <summary>Creates the analyzer.</summary>
    public ChangingFields()
        : base(Rules.MutableStatic, Rules.ModuleField)
    {
    }

    private protected override void Start(CompilationStartAnalysisContext context, HotCode hot)
    {
        var reported = new ConcurrentDictionary<ISymbol, bool>(SymbolEqualityComparer.Default);
        context.RegisterSymbolAction(
            symbol =>
            {
                if (IsOpen(symbol.Symbol))
                {
                    Report(symbol.Symbol, symbol.ReportDiagnostic);
                }
            },
            SymbolKind.Field, SymbolKind.Property, SymbolKind.Event);
        context.RegisterOperationAction(
            operation =>
            {
                var member = ((IMemberReferenceOperation)operation.Operation).Member.OriginalDefinition;

                if (Changes(operation.Operation) && !Begins(operation.ContainingSymbol, member))
                {
                    Report(member, operation.ReportDiagnostic);
                }
            },
            OperationKind.FieldReference, OperationKind.PropertyReference, OperationKind.EventReference);

        // Reported once, at the declaration, wherever it is changed.
        void Report(ISymbol member, Action<Diagnostic> report)
        {
            var isModule = hot.IsModule(member.ContainingType);

            if (!member.IsImplicitlyDeclared && (member.IsStatic || isModule) && member.IsStored() && hot.IsHot(member.ContainingType) && reported.TryAdd(member, true))
            {
                report(member.IsStatic
                    ? Diagnostic.Create(Rules.MutableStatic, member.Locations[0], member.Name)
                    : Diagnostic.Create(Rules.ModuleField, member.Locations[0], member.Name, member.ContainingType.Name));
            }
        }
    }

    // Members that other types can write, so that it is unknown whether they do.
    private static bool IsOpen(ISymbol member) => member switch
    {
        IFieldSymbol field => field is { IsConst: false, IsReadOnly: false } && field.DeclaredAccessibility != Accessibility.Private,
        IPropertySymbol property => property.SetMethod is { IsInitOnly: false } setter && setter.DeclaredAccessibility != Accessibility.Private,
        IEventSymbol => true,
        _ => false,
    };

    // A constructor sets the first value, and an instance gets it before it runs.
    private static bool Begins(ISymbol within, ISymbol member) => within.Method() is IMethodSymbol method
        && method.MethodKind == (member.IsStatic ? MethodKind.StaticConstructor : MethodKind.Constructor);

    private static bool Changes(IOperation place) => place.IsWritten() || place.Parent switch
    {
        IInvocationOperation call => call.Instance == place && IsChange(call.TargetMethod),
        IPropertyReferenceOperation { Property.IsIndexer: true } element => element.Instance == place && IsContainer(element.Property.ContainingType) && element.IsWritten(),
        IArrayElementReferenceOperation element => element.ArrayReference == place && element.IsWritten(),
        _ => false,
    };

    private static bool IsChange(IMethodSymbol method) => s_changes.Contains(method.Name) && IsContainer(method.ContainingType);

    private static bool IsContainer(INamedTypeSymbol type) => type.ContainingNamespace?.ToDisplayString() switch
    {
        "System.Collections" or "System.Collections.Generic" or "System.Collections.Concurrent" or "System.Collections.Specialized" => true,
        "System.Text" => type.Name == "StringBuilder",
        _ => false,
    };
}
