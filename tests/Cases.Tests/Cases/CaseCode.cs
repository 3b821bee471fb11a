using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Midflight.Host.Tests;

namespace Midflight.Cases;

/// <summary>The two versions of an application in which a server holds the value of a case.</summary>
/// <param name="Old">Makes the value and holds it.</param>
/// <param name="Now">Says of it what the case shows.</param>
internal sealed partial record CaseCode(string Old, string Now)
{
    /// <summary>The name under which the server is registered.</summary>
    public const string Server = "case";

    /// <summary>Writes both versions of a case.</summary>
    public static CaseCode Of(Case @case)
    {
        var make = $"public static class CaseMaker {{ public static object? Make() => {Ended(@case.Make)} }}";
        var state = StateOf(@case, make);
        return new(
            $"{@case.Old}\n#nullable enable\n#pragma warning disable\n{make}\n{Holder(state, $"({state})CaseMaker.Make()!", "\"old\"")}",
            $$"""
            {{@case.Now}}
            #nullable enable
            #pragma warning disable
            public static class CaseShow { public static object? Show({{@case.Parameter}}){{Ended(@case.Body)}} }
            {{Holder(@case.ShownType, $"default({@case.ShownType})!", "CaseShow.Show(state)")}}
            """);
    }

    /// <summary>The full name of a type that the cases add, in the namespace of the file if it has one.</summary>
    public static string Name(string source, string type) =>
        FileScopedNamespace().Match(source) is { Success: true } match ? $"{match.Groups[1].Value}.{type}" : type;

    // The server that holds the value, as a state of the declared type.
    private static string Holder(string state, string first, string said) => $$"""
        public sealed class CaseServer : GenServer<{{state}}>
        {
            public static async Task<string> Begin() { await Start<CaseServer>(null, "{{Server}}"); return "ok"; }

            protected override Started<{{state}}> Init(object? argument) => Of<{{state}}>({{first}});

            // An interface has no conversion written as an operator, but a type parameter has.
            private static Started<T> Of<T>(T state) => state;

            protected override Answer<{{state}}> HandleCall(object request, {{state}} state)
            {
                try
                {
                    return Reply(System.Convert.ToString((object?){{said}}, System.Globalization.CultureInfo.InvariantCulture) ?? "null", state);
                }
                catch (Exception exception)
                {
                    return Reply($"threw {exception.GetType()}: {exception.Message}", state);
                }
            }
        }
        """;

    // The type that is shown, if the old version has it and the value may be of it; else that of the expression which makes the value.
    private static string StateOf(Case @case, string make)
    {
        var compilation = Compile.Compilation("Case", $"{@case.Old}\n#nullable enable\n{make}\npublic static class CaseProbe {{ public static {@case.ShownType}? Shown; }}", "1.0");
        var tree = compilation.SyntaxTrees.Last();
        var model = compilation.GetSemanticModel(tree);
        var field = tree.GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>().Single(type => type.Identifier.Text == "CaseProbe")
            .DescendantNodes().OfType<FieldDeclarationSyntax>().Single().Declaration.Type;
        var shown = model.GetTypeInfo(field is NullableTypeSyntax nullable ? nullable.ElementType : field).Type;
        var made = model.GetTypeInfo(tree.GetRoot().DescendantNodes().OfType<ClassDeclarationSyntax>().Single(type => type.Identifier.Text == "CaseMaker")
            .DescendantNodes().OfType<MethodDeclarationSyntax>().Single(method => method.Identifier.Text == "Make").ExpressionBody!.Expression).Type;

        return made is null or IErrorTypeSymbol || (shown is not null and not IErrorTypeSymbol && compilation.ClassifyConversion(made, shown).Exists)
            ? @case.ShownType
            : made.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
    }

    // What follows may bring functions of its own, the last of which may end in a block.
    private static string Ended(string code) => code.Contains("; static ", StringComparison.Ordinal) && code.EndsWith('}') ? code : code.EndsWith(';') ? code : code + ";";

    [GeneratedRegex(@"^\s*namespace\s+([\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex FileScopedNamespace();
}
