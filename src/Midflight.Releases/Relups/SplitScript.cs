using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Instructions before and behind the point of no return; the reading of code always stands before it.</summary>
internal sealed record SplitScript(IReadOnlyList<Instruction> Before, IReadOnlyList<Instruction> Behind)
{
    /// <summary>Puts the parts of several scripts together.</summary>
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

        // Without a point of no return everything stands behind it.
        var before = points == 0 ? [] : script.TakeWhile(instruction => instruction is not LowLevel.PointOfNoReturn).ToList();
        var behind = points == 0 ? script : script[(before.Count + 1)..];
        if (before.Find(instruction => !ReadsCode(instruction) && !Applies(instruction)) is { } other)
        {
            throw new ScriptRefusedException(new ScriptProblem.BeforePointOfNoReturn(other));
        }

        return new SplitScript([.. before, .. behind.Where(ReadsCode)], [.. behind.Where(instruction => !ReadsCode(instruction))]);
    }

    // What is malformed still stands where it stands; that it is malformed is found later.
    private static bool ReadsCode(Instruction instruction) =>
        instruction is LowLevel.LoadObjectCode or Instruction.Malformed { Name: "load_object_code" };

    private static bool Applies(Instruction instruction) =>
        instruction is LowLevel.Apply or Instruction.Malformed { Name: "apply" };
}
