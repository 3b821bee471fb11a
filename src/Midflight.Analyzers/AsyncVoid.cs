using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Midflight.Analyzers;

/// <summary>MF0003: <c>async void</c>.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AsyncVoid : HotAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public AsyncVoid()
        : base(Rules.AsyncVoid)
    {
    }

    private protected override void Start(CompilationStartAnalysisContext context, HotCode hot)
    {
        context.RegisterSymbolAction(symbol => Report((IMethodSymbol)symbol.Symbol, symbol.Symbol.Locations[0], hot, symbol.ReportDiagnostic), SymbolKind.Method);
        context.RegisterOperationAction(
            operation =>
            {
                var (function, at) = operation.Operation is ILocalFunctionOperation local
                    ? (local.Symbol, local.Symbol.Locations[0])
                    : (((IAnonymousFunctionOperation)operation.Operation).Symbol, operation.Operation.Syntax.GetLocation());
                Report(function, at, hot, operation.ReportDiagnostic);
            },
            OperationKind.LocalFunction, OperationKind.AnonymousFunction);
    }

    private static void Report(IMethodSymbol method, Location at, HotCode hot, Action<Diagnostic> report)
    {
        if (method is { IsAsync: true, ReturnsVoid: true } && hot.IsHot(method.ContainingType))
        {
            report(Diagnostic.Create(Rules.AsyncVoid, at, method.MethodKind == MethodKind.AnonymousFunction ? "The lambda" : method.Name));
        }
    }
}
