using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Midflight.Analyzers;

/// <summary>MF0006: waiting without await.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class Blocking : HotAnalyzer
{
    private const string Await = "Await it, in the Async twin of the callback.";

    /// <summary>Creates the analyzer.</summary>
    public Blocking()
        : base(Rules.Blocking)
    {
    }

    private protected override void Start(CompilationStartAnalysisContext context, HotCode hot) => context.RegisterOperationAction(
        operation =>
        {
            if (Find(operation.Operation) is var (what, instead) && hot.RunsInProcess(operation.ContainingSymbol) && !HasEnded(operation.Operation))
            {
                operation.ReportDiagnostic(Diagnostic.Create(Rules.Blocking, operation.Operation.Syntax.GetLocation(), what, instead));
            }
        },
        OperationKind.Invocation, OperationKind.PropertyReference);

    private static (string What, string Instead)? Find(IOperation operation) => operation switch
    {
        IPropertyReferenceOperation { Property: { Name: "Result" } property } when IsTask(property.ContainingType) => ("Result", Await),
        IInvocationOperation { TargetMethod: var method } => (method.ContainingType.FullName(), method.Name) switch
        {
            ("System.Threading.Tasks.Task", "Wait" or "WaitAll" or "WaitAny") => (method.Name, method.Name == "Wait" ? Await : "Await Task.WhenAll or Task.WhenAny."),
            ("System.Runtime.CompilerServices.TaskAwaiter" or "System.Runtime.CompilerServices.ValueTaskAwaiter", "GetResult") => ("GetResult", Await),
            ("System.Runtime.CompilerServices.ConfiguredTaskAwaitable.ConfiguredTaskAwaiter" or "System.Runtime.CompilerServices.ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter", "GetResult") => ("GetResult", Await),
            ("System.Threading.Thread", "Sleep") => ("Thread.Sleep", "Let Process.SendAfter send a message, and go on when it comes."),
            ("System.Threading.Thread", "Join") => ("Thread.Join", "Spawn a process instead, and monitor it."),
            ("System.Threading.WaitHandle", "WaitOne" or "WaitAll" or "WaitAny") => (method.Name, "Let what it waits for send a message."),
            ("System.Threading.ManualResetEventSlim" or "System.Threading.CountdownEvent" or "System.Threading.Barrier", "Wait" or "SignalAndWait") => (method.Name, "Let what it waits for send a message."),
            ("System.Threading.SemaphoreSlim", "Wait") when !IsTry((IInvocationOperation)operation) => ("Wait", "Await WaitAsync; or let a process own what the semaphore guards."),
            _ => null,
        },
        _ => null,
    };

    private static bool IsTask(INamedTypeSymbol type) => type.FullName() is "System.Threading.Tasks.Task" or "System.Threading.Tasks.ValueTask";

    // Wait(0) checks without waiting.
    private static bool IsTry(IInvocationOperation call) => call.Arguments.Any(argument => argument.Value.ConstantValue is { HasValue: true, Value: 0 });

    // A task that the same method awaits, alone or with others, or checks for completion.
    private static bool HasEnded(IOperation operation)
    {
        var task = operation switch
        {
            IPropertyReferenceOperation property => Variable(property.Instance),
            IInvocationOperation { Instance: IInvocationOperation { TargetMethod.Name: "GetAwaiter" } awaiter } => Variable(awaiter.Instance),
            IInvocationOperation call => Variable(call.Instance),
            _ => null,
        };
        var root = operation;

        while (root.Parent is not null)
        {
            root = root.Parent;
        }

        return task is not null && root.Descendants().Any(at => at switch
        {
            IAwaitOperation await => await.Descendants().Any(part => SymbolEqualityComparer.Default.Equals(Variable(part), task)),
            IPropertyReferenceOperation { Property.Name: "IsCompleted" or "IsCompletedSuccessfully" } asked => SymbolEqualityComparer.Default.Equals(Variable(asked.Instance), task),
            _ => false,
        });
    }

    private static ISymbol? Variable(IOperation? operation) => operation switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        _ => null,
    };
}
