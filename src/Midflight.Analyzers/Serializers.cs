using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Midflight.Analyzers;

/// <summary>MF0011: serializers whose shared options cache hot types.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class Serializers : HotAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public Serializers()
        : base(Rules.Serializer)
    {
    }

    private protected override void Start(CompilationStartAnalysisContext context, HotCode hot) => context.RegisterOperationAction(
        operation =>
        {
            var call = (IInvocationOperation)operation.Operation;
            var instead = call.TargetMethod.ContainingType.FullName() switch
            {
                "System.Text.Json.JsonSerializer" or "System.Net.Http.Json.HttpClientJsonExtensions" or "System.Net.Http.Json.HttpContentJsonExtensions"
                    => "Pass a JsonSerializerContext, or options with a TypeInfoResolver that this code has created.",
                "Newtonsoft.Json.JsonConvert" => "Pass JsonSerializerSettings with a ContractResolver that this code holds.",
                _ => null,
            };

            if (instead is not null && !call.Arguments.Any(IsOptions) && Types(call).FirstOrDefault(type => IsHot(type, hot)) is { } type)
            {
                operation.ReportDiagnostic(Diagnostic.Create(Rules.Serializer, call.Syntax.GetLocation(), call.TargetMethod.Name, type.Name, instead));
            }
        },
        OperationKind.Invocation);

    // Equal options share their cache. Options with their own resolver are equal to no others.
    private static bool IsOptions(IArgumentOperation argument) => argument.Parameter?.Type.Name switch
    {
        "JsonTypeInfo" or "JsonSerializerContext" or "JsonSerializerSettings" => argument.Value.Bare() is not ILiteralOperation and not IDefaultValueOperation,
        "JsonSerializerOptions" => argument.Value.Bare() switch
        {
            ILiteralOperation or IDefaultValueOperation => false,
            IPropertyReferenceOperation { Property: { IsStatic: true, ContainingType.Name: "JsonSerializerOptions" } } => false,
            IObjectCreationOperation made => made.Syntax is not BaseObjectCreationExpressionSyntax expression || IsResolved(expression),
            IMemberReferenceOperation { Member: var member } => member.DeclaringSyntaxReferences.All(reference => Made(reference.GetSyntax()) is not { } made || IsResolved(made)),
            _ => true,
        },
        _ => false,
    };

    private static BaseObjectCreationExpressionSyntax? Made(SyntaxNode declaration) => declaration switch
    {
        VariableDeclaratorSyntax { Initializer.Value: BaseObjectCreationExpressionSyntax value } => value,
        PropertyDeclarationSyntax { Initializer.Value: BaseObjectCreationExpressionSyntax value } => value,
        _ => null,
    };

    // A copy of other options has their settings.
    private static bool IsResolved(BaseObjectCreationExpressionSyntax made) => made.ArgumentList is { Arguments.Count: > 0 }
        || made.DescendantNodes().OfType<IdentifierNameSyntax>().Any(name => name.Identifier.ValueText is "TypeInfoResolver" or "TypeInfoResolverChain");

    private static IEnumerable<ITypeSymbol> Types(IInvocationOperation call) => call.TargetMethod.TypeArguments
        .Concat(call.Arguments.Select(argument => argument.Value.Bare()).OfType<ITypeOfOperation>().Select(of => of.TypeOperand))
        .Concat(call.Arguments.Where(argument => argument.Parameter?.Type.SpecialType == SpecialType.System_Object).Select(argument => argument.Value.Bare().Type).OfType<ITypeSymbol>());

    private static bool IsHot(ITypeSymbol type, HotCode hot) => type switch
    {
        IArrayTypeSymbol array => IsHot(array.ElementType, hot),
        INamedTypeSymbol named => hot.IsHot(named) || named.TypeArguments.Any(argument => IsHot(argument, hot)),
        _ => false,
    };
}
