namespace Midflight.Cases;

/// <summary>A pair of types: the old ones, a value of them, the new ones, and what new code has to say of the converted value.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Old">The types before.</param>
/// <param name="Make">An expression that makes the value; functions of its own may follow behind a semicolon.</param>
/// <param name="Now">The types after; those before where the case has none.</param>
/// <param name="Show">A lambda of one parameter, which has its type: what new code says of the converted value.</param>
/// <param name="Expect">The right answer: a value, <c>refuse</c>, or several joined by <c>or</c>; <c>refuse naming X</c> asks for X in the refusal.</param>
internal sealed record Case(string Name, string Old, string Make, string Now, string Show, string Expect) : Trial(Name)
{
    private const string Refuse = "refuse";
    private const string Naming = "refuse naming ";

    /// <inheritdoc/>
    public override Task<CaseOutcome> Run() => CaseRun.Of(this);

    private IEnumerable<string> Answers => Expect.Split(" or ").Select(answer => answer.Trim());

    /// <summary>The type of the parameter of <see cref="Show"/>.</summary>
    public string ShownType => Parameter[..Parameter.LastIndexOf(' ')].Trim();

    /// <summary>The parameter of <see cref="Show"/>.</summary>
    public string Parameter => Show[..Show.IndexOf(" =>", StringComparison.Ordinal)].Trim();

    /// <summary>What follows the parameter of <see cref="Show"/>, arrow included.</summary>
    public string Body => Show[Show.IndexOf(" =>", StringComparison.Ordinal)..];

    /// <summary>Reads cases: <c>### name</c>, then <c>--- old</c>, <c>--- make</c>, <c>--- now</c> (may be absent), <c>--- show</c>, <c>--- expect</c>.</summary>
    /// <exception cref="InvalidDataException">A part is missing.</exception>
    public static IEnumerable<Case> Read(string text) => $"\n{text.ReplaceLineEndings("\n")}".Split("\n### ").Skip(1).Select(block =>
    {
        var parts = block.Split("\n--- ");
        var name = parts[0].Trim();
        var bodies = parts.Skip(1).ToDictionary(part => part.Split('\n')[0].Trim(), part => string.Join('\n', part.Split('\n').Skip(1)).Trim());
        return new Case(name, Part("old"), Part("make"), bodies.GetValueOrDefault("now") is { Length: > 0 } now ? now : Part("old"), Part("show"), Part("expect"));

        string Part(string part) => bodies.GetValueOrDefault(part) ?? throw new InvalidDataException($"Case {name} has no part `--- {part}`.");
    });

    /// <summary>Whether what new code said is right.</summary>
    public bool Allows(string answer) => answer == Expect.Trim() || Answers.Any(right => right == answer);

    /// <summary>Whether a refusal is right, as this value cannot be known.</summary>
    public bool AllowsRefusal(string message) => Expect.StartsWith("refuse,", StringComparison.Ordinal) || Answers.Any(answer =>
        answer == Refuse || (answer.StartsWith(Naming, StringComparison.Ordinal) && message.Contains(answer[Naming.Length..], StringComparison.Ordinal)));

    /// <summary>The case as it is written in a file.</summary>
    public override string ToString() => string.Join('\n', [
        $"### {Name}", "--- old", Old, "--- make", Make, .. Now == Old ? Array.Empty<string>() : ["--- now", Now], "--- show", Show, "--- expect", Expect]);
}
