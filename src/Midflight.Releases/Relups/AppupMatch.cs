using System.Text.RegularExpressions;

namespace Midflight.Releases;

/// <summary>Decides whether an appup entry applies to a version.</summary>
internal static class AppupMatch
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <exception cref="ArgumentException">The entry has a pattern that is not a regular expression.</exception>
    public static bool Matches(AppupVersion entry, string version) => entry switch
    {
        AppupVersion.Exact(var exact) => exact == version,
        AppupVersion.Pattern(var expression) => MatchesWhole(expression, version),
        _ => false,
    };

    // The first match counts: an alternative that would match more is not tried.
    private static bool MatchesWhole(string expression, string version)
    {
        try
        {
            var match = Regex.Match(version, PerlExpression.ToDotNet(expression), RegexOptions.CultureInvariant, Longest);
            return match.Success && match.Value == version && match.Groups[PerlExpression.Kept] is not { Success: true, Index: > 0 };
        }
        catch (RegexMatchTimeoutException)
        {
            // An expression that takes too long does not match.
            return false;
        }
    }
}
