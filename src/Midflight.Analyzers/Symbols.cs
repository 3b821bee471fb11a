using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Midflight.Analyzers;

/// <summary>Questions about symbols and operations that several rules ask.</summary>
internal static class Symbols
{
    private static readonly SymbolDisplayFormat s_full = new(typeQualificationStyle: SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces);

    /// <summary>The full name without type arguments: <c>System.Threading.Tasks.Task</c>.</summary>
    public static string FullName(this ISymbol symbol) => symbol.OriginalDefinition.ToDisplayString(s_full);

    /// <summary>Whether a type is the other one, or derives from it.</summary>
    public static bool Is(this ITypeSymbol? type, INamedTypeSymbol? parent)
    {
        for (var at = type; at is not null && parent is not null; at = at.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(at.OriginalDefinition, parent.OriginalDefinition))
            {
                return true;
            }
        }

        return false;
    }

    public static bool Has(this ISymbol symbol, string attribute) => symbol.GetAttributes().Any(has => has.AttributeClass?.FullName() == attribute);

    /// <summary>What an instance holds: fields, and properties with a backing field.</summary>
    public static IEnumerable<(ISymbol Symbol, ITypeSymbol Type)> HeldMembers(this INamedTypeSymbol type) =>
        type.GetMembers().OfType<IFieldSymbol>().Where(field => !field.IsStatic && !field.IsConst).Select(field => (field.AssociatedSymbol ?? field, field.Type));

    /// <summary>Whether it has a field: its own, or one that the compiler generates for it.</summary>
    public static bool IsStored(this ISymbol symbol) => symbol is IFieldSymbol or IEventSymbol { AddMethod.IsImplicitlyDeclared: true }
        || symbol.ContainingType.GetMembers().OfType<IFieldSymbol>().Any(field => SymbolEqualityComparer.Default.Equals(field.AssociatedSymbol, symbol));

    /// <summary>The expression without the conversions around it.</summary>
    public static IOperation Bare(this IOperation operation)
    {
        while (operation is IConversionOperation or IParenthesizedOperation)
        {
            operation = operation is IConversionOperation conversion ? conversion.Operand : ((IParenthesizedOperation)operation).Operand;
        }

        return operation;
    }

    /// <summary>Whether the place is written to.</summary>
    public static bool IsWritten(this IOperation place) => place.Parent switch
    {
        IAssignmentOperation assignment => assignment.Target == place,
        IIncrementOrDecrementOperation => true,
        IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } => true,
        IAddressOfOperation => true,
        ITupleOperation tuple => tuple.Parent is IDeconstructionAssignmentOperation assignment && assignment.Target == tuple,
        _ => false,
    };

    /// <summary>Whether the value of an expression is awaited on the spot, with or without <c>ConfigureAwait</c>.</summary>
    public static bool IsAwaited(this IOperation operation)
    {
        var parent = operation.Parent;

        while (parent is IConversionOperation or IParenthesizedOperation
            || parent is IInvocationOperation { TargetMethod.Name: "ConfigureAwait" or "WaitAsync" }
            || (parent is IArgumentOperation && parent.Parent is IInvocationOperation { TargetMethod.IsExtensionMethod: true }))
        {
            parent = parent.Parent;
        }

        return parent is IAwaitOperation;
    }

    /// <summary>The method that an operation is written in, outside any lambdas and local functions.</summary>
    public static ISymbol Method(this ISymbol symbol)
    {
        while (symbol is IMethodSymbol { MethodKind: MethodKind.AnonymousFunction or MethodKind.LocalFunction })
        {
            symbol = symbol.ContainingSymbol;
        }

        return symbol;
    }

    /// <summary>Whether an operation is inside a lambda or local function, which another process may run.</summary>
    public static bool IsInInnerFunction(this IOperation operation)
    {
        for (var at = operation.Parent; at is not null; at = at.Parent)
        {
            if (at is IAnonymousFunctionOperation or ILocalFunctionOperation)
            {
                return true;
            }
        }

        return false;
    }
}
