using System.Runtime.Loader;
using Midflight.Host;
using Midflight.Host.Tests;

namespace Midflight.Cases;

/// <summary>Converts the graphs of some families into their new version and back again.</summary>
internal static class FamilyRun
{
    /// <summary>What went wrong with each family, as a case where the engine alone shows it; nothing where all is right.</summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<int> seeds)
    {
        var families = seeds.Select(seed => (Seed: seed, Family: new Family(seed, $"F{seed}"))).ToList();
        var application = new HotApplication("demo");
        var old = Load(application, families.Select(entry => entry.Family), isNow: false, 1);
        var now = Load(application, families.Select(entry => entry.Family), isNow: true, 2);
        (application.Old, application.Current) = (old, now);
        var (up, down) = (new CodeConversion(now), new CodeConversion(old));
        (now.Incoming, old.Incoming) = (up, down);
        return [.. families.Select(entry => (entry.Seed, entry.Family, Wrong: Try(entry.Family, old, now, up, down))).Where(entry => entry.Wrong is not null)
            .Select(entry => $"seed {entry.Seed}: {entry.Wrong}\n{CaseOf(entry.Seed, entry.Family)}\n")];
    }

    private static string? Try(Family family, CodeVersion old, CodeVersion now, CodeConversion up, CodeConversion down)
    {
        try
        {
            var (before, after) = (old.FindType($"{family.Prefix}C0")!, now.FindType($"{family.Prefix}C0")!);

            if (up.Refusals(before, after) is [var refusal, ..])
            {
                return $"the planner refuses it: {refusal}";
            }

            var value = Call(old, family, "Make")!;
            var converted = up.Convert(value, after)!;

            if (Call(now, family, "Check", converted) is string wrong and not "same")
            {
                return $"converted wrong: {wrong}";
            }

            if (Call(old, family, "Check", value) is string changed and not "same")
            {
                return $"the old value has changed: {changed}";
            }

            return Written(family, value, old, before, now, after) ?? Back(family, old, down, converted, before);
        }
        catch (ConversionException refused)
        {
            return $"refused: {refused.Message}";
        }
        // It is the report of the family, whatever it is.
        catch (Exception exception)
        {
            return $"threw {exception}";
        }
    }

    // Written in the old version, and read there and in the new one.
    private static string? Written(Family family, object value, CodeVersion old, Type before, CodeVersion now, Type after)
    {
        byte[] bytes;

        try
        {
            bytes = WireForm.Write(value);
        }
        // Functions are code, and a task may be of a kind that has no wire form. What is written has to be right.
        catch (ConversionRefusedException)
        {
            return null;
        }

        return Call(old, family, "Check", WireForm.Read(bytes, old, before)!) is string wrong and not "same" ? $"read wrong from the wire: {wrong}"
            : Call(now, family, "Check", WireForm.Read(bytes, now, after)!) is string converted and not "same" ? $"converted wrong from the wire: {converted}"
            : null;
    }

    private static string? Back(Family family, CodeVersion old, CodeConversion down, object converted, Type before)
    {
        try
        {
            return Call(old, family, "CheckBack", down.Convert(converted, before)!) is string wrong and not "same" ? $"wrong on the way back: {wrong}" : null;
        }
        // What became wider may not fit any more, and the values decide.
        catch (ConversionException) when (family.Types.SelectMany(type => type.Members).Any(member => member.Sort is FamilySort.Leaf { Old: var narrow, Now: var wide } && narrow != wide))
        {
            return null;
        }
        catch (ConversionException refused)
        {
            return $"refused on the way back: {refused.Message}";
        }
    }

    /// <summary>A family as a case that can be run alone.</summary>
    public static Case CaseOf(int seed, Family family) => new(
        $"seed {seed}", $"{FamilyCode.Common}\n{FamilyCode.Of(family, isNow: false)}", $"{family.Prefix}T.Make()",
        $"{FamilyCode.Common}\n{FamilyCode.Of(family, isNow: true)}", $"{family.Prefix}C0 it => {family.Prefix}T.Check(it)", "same");

    private static object? Call(CodeVersion version, Family family, string function, params object[] arguments) =>
        version.FindType($"{family.Prefix}T")!.GetMethod(function)!.Invoke(null, System.Reflection.BindingFlags.DoNotWrapExceptions, null, arguments, null);

    private static CodeVersion Load(HotApplication application, IEnumerable<Family> families, bool isNow, int number)
    {
        var source = string.Join('\n', families.Select(family => FamilyCode.Of(family, isNow)).Prepend(FamilyCode.Common).Prepend("#pragma warning disable"));
        var context = new AssemblyLoadContext($"families {number}", isCollectible: true);
        var version = new CodeVersion(application, number, $"{number}.0");
        version.Fill([context.LoadFromStream(new MemoryStream(Compile.New("Families", source, $"{number}.0").Bytes))], []);
        return version;
    }
}
