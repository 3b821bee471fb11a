using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Midflight.Shell;

/// <summary>A command that looks like a function. The shell carries it out itself, because it needs files, the compiler or the prompt.</summary>
internal abstract record PromptCommand
{
    private PromptCommand() { }

    /// <summary><c>c("kv.cs")</c></summary>
    internal sealed record Compile(string File) : PromptCommand;

    /// <summary><c>l(KV)</c>, and with <paramref name="Moves"/> <c>r(KV)</c>.</summary>
    internal sealed record Load(string Module, bool Moves) : PromptCommand;

    /// <summary><c>help()</c></summary>
    internal sealed record Help : PromptCommand;

    /// <summary><c>exit()</c></summary>
    internal sealed record Exit : PromptCommand;

    /// <summary>A command with wrong arguments. The sentence says how to write it.</summary>
    internal sealed record Wrong(string Sentence) : PromptCommand;

    /// <summary>Recognizes a command that stands on its own.</summary>
    /// <returns>Null for any other C#.</returns>
    internal static PromptCommand? Of(SyntaxTree tree)
    {
        if (tree.GetCompilationUnitRoot() is not
            {
                Usings.Count: 0,
                Members: [GlobalStatementSyntax { Statement: ExpressionStatementSyntax { Expression: InvocationExpressionSyntax { Expression: IdentifierNameSyntax function } call } }],
            })
        {
            return null;
        }

        ExpressionSyntax[] arguments = [.. call.ArgumentList.Arguments.Select(argument => argument.Expression)];
        return (function.Identifier.Text, arguments) switch
        {
            ("c", [var file]) => Text(file) is { } path ? new Compile(path) : new Wrong("c takes the name of a file: c(\"kv.cs\")."),
            ("c", _) => new Wrong("c takes the name of one file: c(\"kv.cs\")."),
            ("l" or "r", [var module]) => new Load(Text(module) ?? Name(module), function.Identifier.Text == "r"),
            ("l" or "r", _) => new Wrong($"{function.Identifier.Text} takes one module: {function.Identifier.Text}(KV)."),
            ("help", []) => new Help(),
            ("exit", []) => new Exit(),
            _ => null,
        };
    }

    private static string? Text(ExpressionSyntax expression) => expression is LiteralExpressionSyntax { Token.Value: string text } ? text : null;

    private static string Name(ExpressionSyntax expression) => expression switch
    {
        TypeOfExpressionSyntax { Type: var type } => type.ToString(),
        _ => expression.ToString(),
    };
}
