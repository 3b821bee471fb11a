using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Midflight.Analyzers;

/// <summary>MF0004: threads, timers and tasks outside processes.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class OwnWork : HotAnalyzer
{
    private const string Process = "Spawn a process, or use a Job.";
    private const string Timer = "Use Process.SendAfter or Process.SendEvery, and handle the message.";

    /// <summary>Creates the analyzer.</summary>
    public OwnWork()
        : base(Rules.OwnWork)
    {
    }

    private protected override void Start(CompilationStartAnalysisContext context, HotCode hot) => context.RegisterOperationAction(
        operation =>
        {
            if (Find(operation.Operation) is var (what, instead) && hot.IsHot(operation.ContainingSymbol.ContainingType))
            {
                operation.ReportDiagnostic(Diagnostic.Create(Rules.OwnWork, operation.Operation.Syntax.GetLocation(), what, instead));
            }
        },
        OperationKind.ObjectCreation, OperationKind.Invocation);

    private static (string What, string Instead)? Find(IOperation operation) => operation switch
    {
        IObjectCreationOperation { Constructor.ContainingType: var type } => type.FullName() switch
        {
            "System.Threading.Thread" => ("A thread", Process),
            "System.Threading.Timer" or "System.Timers.Timer" => ("A timer", Timer),
            _ => null,
        },
        IInvocationOperation call => $"{call.TargetMethod.ContainingType.FullName()}.{call.TargetMethod.Name}" switch
        {
            // A process that awaits it is known to be in this code until it has finished.
            "System.Threading.Tasks.Task.Run" or "System.Threading.Tasks.TaskFactory.StartNew" when !call.IsAwaited() => (call.TargetMethod.Name == "Run" ? "Task.Run" : "StartNew", $"{Process} Or await it right here."),
            "System.Threading.ThreadPool.QueueUserWorkItem" or "System.Threading.ThreadPool.UnsafeQueueUserWorkItem" => ("The thread pool", Process),
            "System.TimeProvider.CreateTimer" => ("A timer", Timer),
            _ => null,
        },
        _ => null,
    };
}
