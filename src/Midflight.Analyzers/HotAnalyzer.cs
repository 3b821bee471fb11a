using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Midflight.Analyzers;

/// <summary>Analyzes handwritten code in projects that refer to Midflight.</summary>
public abstract class HotAnalyzer : DiagnosticAnalyzer
{
    private protected HotAnalyzer(params DiagnosticDescriptor[] rules) => SupportedDiagnostics = [.. rules];

    /// <inheritdoc/>
    public sealed override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; }

    /// <inheritdoc/>
    public sealed override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(start =>
        {
            if (HotCode.Of(start.Compilation, start.Options) is { } hot)
            {
                Start(start, hot);
            }
        });
    }

    private protected abstract void Start(CompilationStartAnalysisContext context, HotCode hot);
}
