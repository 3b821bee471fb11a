using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Midflight.Analyzers;

/// <summary>MF0007 and MF0008: conversions and earlier shapes that no upgrade uses.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class Conversions : HotAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public Conversions()
        : base(Rules.Convert, Rules.Shape)
    {
    }

    private protected override void Start(CompilationStartAnalysisContext context, HotCode hot)
    {
        context.RegisterSymbolAction(
            symbol =>
            {
                var method = (IMethodSymbol)symbol.Symbol;

                if (method.Has("Midflight.ConvertAttribute") && Fault(method, hot) is { } fault)
                {
                    symbol.ReportDiagnostic(Diagnostic.Create(Rules.Convert, method.Locations[0], method.Name, fault));
                }
            },
            SymbolKind.Method);
        context.RegisterSymbolAction(
            symbol =>
            {
                var type = (INamedTypeSymbol)symbol.Symbol;

                if (type.Has("Midflight.ShapeAttribute") && !hot.Conversions.Any(method => Is(method.ReturnType, type) || method.Parameters.Any(parameter => Is(parameter.Type, type))))
                {
                    symbol.ReportDiagnostic(Diagnostic.Create(Rules.Shape, type.Locations[0], type.Name, type.ContainingType?.Name ?? "the type that it was"));
                }
            },
            SymbolKind.NamedType);
    }

    private static string? Fault(IMethodSymbol method, HotCode hot) => method switch
    {
        { IsStatic: false } => "is not static",
        { IsGenericMethod: true } => "has type parameters",
        { ContainingType.IsGenericType: true } => "stands in a generic type",
        { Parameters.Length: not 1 } => $"has {(method.Parameters.IsEmpty ? "no parameters" : $"{method.Parameters.Length} parameters")} instead of one",
        { ReturnsVoid: true } => "returns nothing",
        { IsAsync: true } or { ReturnType.Name: "Task" or "ValueTask" } => "is asynchronous",
        _ when method.Parameters[0].RefKind != RefKind.None => "takes its parameter by reference",
        _ when Is(method.ReturnType, method.Parameters[0].Type) => "returns the type that it takes",
        _ when hot.Conversions.First(other => Is(other.ReturnType, method.ReturnType) && other.Parameters.Length == 1 && Is(other.Parameters[0].Type, method.Parameters[0].Type)) is var first
            && !SymbolEqualityComparer.Default.Equals(first, method) => $"{first.ContainingType.Name}.{first.Name} converts the same types",
        _ => null,
    };

    private static bool Is(ITypeSymbol one, ITypeSymbol other) => SymbolEqualityComparer.Default.Equals(one, other);
}
