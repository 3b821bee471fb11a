namespace Midflight.Releases;

/// <summary>A member's name without what is only spelling: <c>Balance</c>, <c>balance</c>, <c>_balance</c> and <c>m_balance</c> are one, and <c>IAccount.Balance</c> too.</summary>
internal static class FoldedName
{
    public static string Of(string name)
    {
        name = name[(name.LastIndexOf('.') + 1)..];
        var start = name.StartsWith("m_", StringComparison.Ordinal) ? 2 : 0;
        return name[start..].Trim('_') is { Length: > 0 } rest ? rest.ToUpperInvariant() : name;
    }

    public static bool AreOne(string name, string other) => Of(name) == Of(other);
}
