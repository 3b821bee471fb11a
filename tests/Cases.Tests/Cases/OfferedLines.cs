using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Midflight.Host.Tests;
using Midflight.Releases;
using Midflight.Releases.Plans;

namespace Midflight.Cases;

/// <summary>The lines of C# that a refusal offers: each is pasted where the text says, compiled, and takes the refusal away.</summary>
internal static partial class OfferedLines
{
    /// <summary>What is wrong with the lines of a refusal and of the plan for the same types; null where nothing is.</summary>
    /// <param name="old">The old source.</param>
    /// <param name="now">The new source.</param>
    /// <param name="said">What the node said when it refused; empty where it did not.</param>
    public static string? Fault(string old, string now, string said)
    {
        var before = Plan(old, now);
        return before.Append(said).SelectMany(text => Offers(text).Select(offer => Fault(old, now, offer, before))).FirstOrDefault(fault => fault is not null);
    }

    private static string? Fault(string old, string now, Offer offer, IReadOnlyList<string> before)
    {
        if (offer.IsWayDown)
        {
            (old, now) = (now, old);
        }

        if (Paste(offer.IsWayDown ? old : now, offer) is not { } pasted)
        {
            return $"the place for its lines is not found: {offer}";
        }

        var errors = Compile.Compilation("Case", pasted, "2.0").GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error).ToList();
        return errors.Count > 0 ? $"offers what does not compile: {offer}: {errors[0].GetMessage(System.Globalization.CultureInfo.InvariantCulture)}"
            : !offer.IsWayDown && !IsNull(offer) && before.Any(reason => reason.StartsWith(offer.Reason, StringComparison.Ordinal)) && Plan(old, pasted).Any(reason => reason.StartsWith(offer.Reason, StringComparison.Ordinal))
                ? $"offers what does not help: {offer}"
            : null;
    }

    // What stands for the default here is no better than none.
    private static bool IsNull(Offer offer) => offer.Place is null && offer.Reason.Contains("may not be null", StringComparison.Ordinal) && !offer.Lines[0].StartsWith("string ", StringComparison.Ordinal);

    private static List<string> Plan(string old, string now) =>
        [.. TypePlan.Between(File(old, "1.0"), File(now, "2.0")).Where(plan => plan.Verdict == ConversionVerdict.Refused).SelectMany(plan => plan.Reasons)];

    private static AssemblyFile File(string source, string version) => AssemblyFile.Read(System.Collections.Immutable.ImmutableArray.Create(Compile.Assembly("Case", source, version).Bytes));

    // `X.Y is … . Give it a default, `…`, or write in X: `…` and `…`.`
    private static IEnumerable<Offer> Offers(string text)
    {
        var reason = "";

        foreach (Match match in Sentence().Matches(text))
        {
            // One that offers two things is one still.
            if (!text[..match.Index].EndsWith("`, or ", StringComparison.Ordinal))
            {
                reason = text[..match.Index].TrimEnd('.', ' ');
                reason = reason[(Starts().Matches(reason).LastOrDefault() is { } last ? last.Index + last.Length : 0)..];
            }

            var lines = Line().Matches(match.Groups["lines"].Value).Select(line => line.Groups[1].Value).ToList();
            var isWayDown = text.LastIndexOf("on the way down", match.Index, StringComparison.Ordinal) >= 0;

            if (match.Groups["on"].Success)
            {
                foreach (var line in lines)
                {
                    yield return new(reason, match.Groups["place"].Value, [line], IsAttribute: true, isWayDown);
                }
            }
            else if (match.Groups["place"].Success)
            {
                yield return new(reason, match.Groups["place"].Value, [.. lines], IsAttribute: false, isWayDown);
            }
            else
            {
                yield return new(reason, null, [.. lines], IsAttribute: false, isWayDown);
            }
        }
    }

    private static string? Paste(string source, Offer offer)
    {
        var root = CSharpSyntaxTree.ParseText(source, CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest)).GetCompilationUnitRoot();
        var lines = offer.Lines.Select(line => line.Replace("…", line.StartsWith("string ", StringComparison.Ordinal) ? "\"\"" : "default!", StringComparison.Ordinal)).ToList();

        if (offer.Place is null)
        {
            return Default(root, offer.Reason.Split(' ')[0], lines[0], offer.Reason.Contains("required", StringComparison.Ordinal))?.ToFullString();
        }

        if (offer.Place == "a type of the new version")
        {
            return $"{source}\nstatic class Pasted {{ {string.Join(" ", lines)} }}";
        }

        if (Find(root, offer.Place) is not { } type)
        {
            return null;
        }

        if (offer.IsAttribute)
        {
            var list = CSharpSyntaxTree.ParseText($"{lines[0]} class X;").GetCompilationUnitRoot().Members.OfType<ClassDeclarationSyntax>().Single().AttributeLists;
            return root.ReplaceNode(type, type.WithLeadingTrivia(SyntaxFactory.Space).WithAttributeLists(type.AttributeLists.AddRange(list))).ToFullString();
        }

        var members = CSharpSyntaxTree.ParseText($"class X {{ {string.Join(" ", lines)} }}").GetCompilationUnitRoot().Members.OfType<ClassDeclarationSyntax>().Single().Members;
        return root.ReplaceNode(type, type.WithSemicolonToken(default)
            .WithOpenBraceToken(SyntaxFactory.Token(SyntaxKind.OpenBraceToken)).WithCloseBraceToken(SyntaxFactory.Token(SyntaxKind.CloseBraceToken).WithTrailingTrivia(SyntaxFactory.LineFeed)).AddMembers([.. members])).ToFullString();
    }

    private static TypeDeclarationSyntax? Find(SyntaxNode root, string path)
    {
        var wanted = path.Split('<')[0].Split('.');
        return root.DescendantNodes().OfType<TypeDeclarationSyntax>().FirstOrDefault(type => type.Identifier.ValueText == wanted[^1]
            && type.Ancestors().OfType<TypeDeclarationSyntax>().Select(outer => outer.Identifier.ValueText).SequenceEqual(wanted.SkipLast(1).Reverse()));
    }

    // The default of a property, of a field or of a parameter: to the declaration of that name and type.
    private static SyntaxNode? Default(SyntaxNode root, string subject, string line, bool wasRequired)
    {
        var dot = subject.LastIndexOf('.');

        if (dot < 0 || Find(root, subject[..dot]) is not { } type)
        {
            return null;
        }

        var name = line.Split(" = ")[0].Split(' ')[^1].TrimStart('@');
        var value = SyntaxFactory.EqualsValueClause(SyntaxFactory.ParseExpression(line.Split(" = ")[1]));
        var declared = type.DescendantNodes().Concat(root.DescendantNodes()).FirstOrDefault(node => node switch
        {
            PropertyDeclarationSyntax property => property.Identifier.ValueText == name,
            VariableDeclaratorSyntax field => field.Identifier.ValueText == name && field.Parent?.Parent is FieldDeclarationSyntax,
            ParameterSyntax parameter => parameter.Identifier.ValueText == name && parameter.Parent?.Parent is TypeDeclarationSyntax or ConstructorDeclarationSyntax,
            _ => false,
        });
        return declared switch
        {
            PropertyDeclarationSyntax property => root.ReplaceNode(property, Free(property.WithInitializer(value).WithSemicolonToken(SyntaxFactory.Token(SyntaxKind.SemicolonToken)), wasRequired)),
            VariableDeclaratorSyntax field => root.ReplaceNode(
                field.Parent!.Parent!, Free((FieldDeclarationSyntax)field.Parent!.Parent!.ReplaceNode(field, field.WithInitializer(value)), wasRequired)),
            ParameterSyntax parameter => root.ReplaceNode(parameter, parameter.WithDefault(value)),
            _ => null,
        };
    }

    private static MemberDeclarationSyntax Free(MemberDeclarationSyntax member, bool wasRequired) => wasRequired
        ? member.WithModifiers([.. member.Modifiers.Where(modifier => !modifier.IsKind(SyntaxKind.RequiredKeyword))])
        : member;

    private sealed record Offer(string Reason, string? Place, IReadOnlyList<string> Lines, bool IsAttribute, bool IsWayDown)
    {
        public override string ToString() => $"{Place ?? Reason}: {string.Join(" and ", Lines.Select(line => $"`{line}`"))}{(IsWayDown ? " (on the way down)" : "")}";
    }

    [GeneratedRegex(@"(?:(?<default>Give it a default, |Leave `required` away and give it a default, )(?<lines>`[^`]+`)|[Ww]rite (?:(?<on>on)|in) (?<place>[^:`]+): (?<lines>`[^`]+`(?:(?: and | if it is, or )`[^`]+`)*))")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"\. |cannot be converted: |: (?=\w+\.)|in flight: |; ")]
    private static partial Regex Starts();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Line();
}
