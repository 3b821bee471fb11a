using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>The instructions before and after the point of no return. The reading of code always comes before it.</summary>
internal sealed record SplitScript(IReadOnlyList<Instruction> Before, IReadOnlyList<Instruction> Behind)
{
    /// <summary>Joins the parts of several scripts.</summary>
    public static SplitScript Merge(IEnumerable<ImmutableArray<Instruction>> scripts)
    {
        List<Instruction> before = [], behind = [];
        foreach (var script in scripts)
        {
            var split = Split(script);
            before.AddRange(split.Before);
            behind.AddRange(split.Behind);
        }

        return new SplitScript(before, behind);
    }

    private static SplitScript Split(ImmutableArray<Instruction> script)
    {
        var points = script.Count(instruction => instruction is LowLevel.PointOfNoReturn);
        if (points > 1)
        {
            throw new ScriptRefusedException(new ScriptProblem.TwoPointsOfNoReturn());
        }

        // Without a point of no return, everything comes after it.
        var before = points == 0 ? [] : script.TakeWhile(instruction => instruction is not LowLevel.PointOfNoReturn).ToList();
        var behind = points == 0 ? script : script[(before.Count + 1)..];
        if (before.Find(instruction => !ReadsCode(instruction) && !Applies(instruction)) is { } other)
        {
            throw new ScriptRefusedException(new ScriptProblem.BeforePointOfNoReturn(other));
        }

        return new SplitScript([.. before, .. behind.Where(ReadsCode)], [.. behind.Where(instruction => !ReadsCode(instruction))]);
    }

    // A malformed instruction keeps its place. That it is malformed is found later.
    private static bool ReadsCode(Instruction instruction) =>
        instruction is LowLevel.LoadObjectCode or Instruction.Malformed { Name: "load_object_code" };

    private static bool Applies(Instruction instruction) =>
        instruction is LowLevel.Apply or Instruction.Malformed { Name: "apply" };
}
