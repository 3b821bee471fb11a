using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Midflight.Analyzers;

/// <summary>MF0005: values that an upgrade certainly refuses to convert, because of the type of a member or of a value stored in it.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class Uncrossable : HotAnalyzer
{
    private const string Await = "Await it first, and hold its result.";
    private const string Collection = "Hold a list of the elements.";
    private const string Timer = "Use Process.SendAfter, and hold the TimerRef.";

    /// <summary>Creates the analyzer.</summary>
    public Uncrossable()
        : base(Rules.Uncrossable)
    {
    }

    private protected override void Start(CompilationStartAnalysisContext context, HotCode hot)
    {
        var reported = new ConcurrentDictionary<ISymbol, bool>(SymbolEqualityComparer.Default);
        context.RegisterSymbolAction(
            symbol =>
            {
                if (hot.Carried.Contains((INamedTypeSymbol)symbol.Symbol))
                {
                    Members((INamedTypeSymbol)symbol.Symbol, reported, symbol.ReportDiagnostic);
                }
            },
            SymbolKind.NamedType);
        context.RegisterOperationAction(
            operation =>
            {
                // A message type that is not nested in its module is recognized by being sent.
                if (Sent((IInvocationOperation)operation.Operation) is { } message)
                {
                    var reached = new HashSet<INamedTypeSymbol>(SymbolEqualityComparer.Default);
                    hot.Reach(message, reached);

                    foreach (var type in reached)
                    {
                        Members(type, reported, operation.ReportDiagnostic);
                    }
                }
            },
            OperationKind.Invocation);
        context.RegisterOperationAction(
            operation =>
            {
                if (Place(operation.Operation) is var (place, owner, value) && hot.Carried.Contains(owner.OriginalDefinition) && Value(value.Bare()) is var (what, instead))
                {
                    operation.ReportDiagnostic(Diagnostic.Create(Rules.Uncrossable, value.Syntax.GetLocation(), place, what, instead));
                }
            },
            OperationKind.Argument, OperationKind.SimpleAssignment);
    }

    private static void Members(INamedTypeSymbol type, ConcurrentDictionary<ISymbol, bool> reported, Action<Diagnostic> report)
    {
        foreach (var (member, of) in type.HeldMembers())
        {
            if (Type(of) is var (what, instead) && member.Locations[0].IsInSource && reported.TryAdd(member, true))
            {
                report(Diagnostic.Create(Rules.Uncrossable, member.Locations[0], member.Name, what, instead));
            }
        }
    }

    private static (string What, string Instead)? Type(ITypeSymbol type)
    {
        switch (type)
        {
            case IArrayTypeSymbol array:
                return Type(array.ElementType);
            case INamedTypeSymbol named:
                var found = named.FullName() switch
                {
                    "System.Threading.Tasks.Task" or "System.Threading.Tasks.ValueTask" or "Midflight.ProcessTask" => ("a task", Await),
                    "Midflight.Job" => ("a job", "Await it first, or let it send its result as a message."),
                    "System.Collections.IEnumerator" or "System.Collections.Generic.IEnumerator" or "System.Collections.Generic.IAsyncEnumerator" or "System.Collections.Generic.IAsyncEnumerable"
                        => ("an enumerator", Collection),
                    "System.Threading.Thread" => ("a thread", "Spawn a process, and hold its Pid."),
                    "System.Threading.Timer" or "System.Timers.Timer" or "System.Threading.ITimer" => ("a timer", Timer),
                    "System.Threading.CancellationTokenSource" => ("a cancellation source, whose registrations are old code", "Cancel by a message to the process that does the work."),
                    _ => ((string, string)?)null,
                };
                return found ?? named.TypeArguments.Select(Type).FirstOrDefault(inner => inner is not null);
            default:
                return null;
        }
    }

    // A lambda is a method without a name by which new code could find it. What LINQ returns holds lambdas.
    private static (string What, string Instead)? Value(IOperation value) => value switch
    {
        IDelegateCreationOperation { Target: IAnonymousFunctionOperation } => ("a lambda", "Pass a named method, or a value that says what to do."),
        IInvocationOperation { TargetMethod: { ContainingType: { Name: "Enumerable", ContainingNamespace.Name: "Linq" }, ReturnType: { Name: "IEnumerable" or "IOrderedEnumerable", TypeKind: TypeKind.Interface }, Name: not "Empty" } }
            => ("a query that has not run", "End it with `.ToList()` or `[.. ]`."),
        _ => null,
    };

    private static (string Place, INamedTypeSymbol Owner, IOperation Value)? Place(IOperation operation) => operation switch
    {
        IArgumentOperation { Parent: IObjectCreationOperation { Type: INamedTypeSymbol owner }, Parameter.Name: var name } argument
            => owner.HeldMembers().Any(member => string.Equals(member.Symbol.Name, name, StringComparison.OrdinalIgnoreCase)) ? (name, owner, argument.Value) : null,
        ISimpleAssignmentOperation { Target: IMemberReferenceOperation { Member: { IsStatic: false } member } } assignment when member.IsStored() => (member.Name, member.ContainingType, assignment.Value),
        _ => null,
    };

    private static ITypeSymbol? Sent(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        var parameter = (method.ContainingType.FullName(), method.Name) switch
        {
            ("Midflight.GenServer", "Call" or "MultiCall") => "request",
            ("Midflight.GenServer", "Cast") or ("Midflight.Process", "Send" or "SendAfter" or "SendAt" or "SendEvery") => "message",
            ("Midflight.Child", "Of") => "argument",
            _ => null,
        };
        return parameter is null ? null : call.Arguments.FirstOrDefault(argument => argument.Parameter?.Name == parameter)?.Value.Bare().Type;
    }
}
