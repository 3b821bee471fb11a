using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Midflight.Analyzers;

/// <summary>MF0009 and MF0010: calls to a process that waits for the caller.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class Calls : HotAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public Calls()
        : base(Rules.CallInInit, Rules.CallToItself)
    {
    }

    private protected override void Start(CompilationStartAnalysisContext context, HotCode hot) => context.RegisterOperationAction(
        operation =>
        {
            var call = (IInvocationOperation)operation.Operation;

            // Another process may run the code inside a lambda.
            if (operation.ContainingSymbol is not IMethodSymbol { IsStatic: false } within || !hot.IsModule(within.ContainingType) || call.IsInInnerFunction())
            {
                return;
            }

            if (IsToItself(call, within.ContainingType, hot))
            {
                operation.ReportDiagnostic(Diagnostic.Create(Rules.CallToItself, call.Syntax.GetLocation(), call.TargetMethod.Name));
            }
            else if (within.Name is "Init" or "InitAsync" && within.IsOverride && (IsCall(call.TargetMethod) || Inner(call.TargetMethod, hot) is not null))
            {
                operation.ReportDiagnostic(Diagnostic.Create(Rules.CallInInit, call.Syntax.GetLocation(), call.TargetMethod.Name));
            }
        },
        OperationKind.Invocation);

    private static bool IsToItself(IInvocationOperation call, INamedTypeSymbol module, HotCode hot)
    {
        var isDirect = IsCall(call.TargetMethod) && call.TargetMethod.ContainingType.Name == "GenServer";

        if (!isDirect && Inner(call.TargetMethod, hot) is null)
        {
            return false;
        }

        // The first argument is the process to call.
        if (call.Arguments.FirstOrDefault(argument => argument.Parameter?.Ordinal == 0)?.Value.Bare() is IPropertyReferenceOperation { Property: { Name: "Self" } self } && self.ContainingType.FullName() == "Midflight.Process")
        {
            return true;
        }

        // A client function of the module itself, which names the only server of this kind.
        return !isDirect && SymbolEqualityComparer.Default.Equals(call.TargetMethod.ContainingType, module)
            && Inner(call.TargetMethod, hot)?.ArgumentList.Arguments.FirstOrDefault()?.Expression.IsKind(SyntaxKind.StringLiteralExpression) == true;
    }

    private static bool IsCall(IMethodSymbol method) => (method.ContainingType.FullName(), method.Name) switch
    {
        ("Midflight.GenServer" or "Midflight.EventManager", "Call" or "MultiCall" or "SyncNotify") => true,
        ("Midflight.Agent", "Get" or "Update" or "GetAndUpdate") => true,
        ("Midflight.Supervisor" or "Midflight.DynamicSupervisor", "StartChild" or "StartChildOrFind" or "RestartChild" or "TerminateChild" or "DeleteChild" or "CountChildren" or "WhichChildren" or "GetChildSpec") => true,
        _ => false,
    };

    // The call in a client function: a static method of a module that returns its reply asynchronously.
    private static InvocationExpressionSyntax? Inner(IMethodSymbol method, HotCode hot) =>
        method is { IsStatic: true, ReturnType.Name: "ValueTask" or "Task" } && hot.IsModule(method.ContainingType)
            ? method.DeclaringSyntaxReferences.SelectMany(reference => reference.GetSyntax().DescendantNodes()).OfType<InvocationExpressionSyntax>().FirstOrDefault(IsNamedCall)
            : null;

    private static bool IsNamedCall(InvocationExpressionSyntax call) => call.Expression switch
    {
        SimpleNameSyntax name => name.Identifier.ValueText == "Call",
        MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "GenServer" }, Name: var name } => name.Identifier.ValueText == "Call",
        _ => false,
    };
}
