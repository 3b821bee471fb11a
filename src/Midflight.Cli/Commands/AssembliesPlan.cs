using System.Text.Json;
using Midflight.Releases;
using Midflight.Releases.Plans;

namespace Midflight.Cli.Commands;

/// <summary><c>midflight plan old.dll new.dll</c>: what conversion would do to the types of any .NET assembly.</summary>
internal static class AssembliesPlan
{
    /// <summary>Whether both are assemblies rather than releases.</summary>
    public static bool Are(string old, string now) => IsAssembly(old) && IsAssembly(now);

    /// <summary>Prints the plan.</summary>
    /// <returns>1 if values of some type would be refused.</returns>
    public static int Print(string old, string now, bool json)
    {
        var types = TypePlan.Between(Read(old), Read(now));

        if (json)
        {
            Output.Json(new
            {
                Types = types.Select(type => new { type.Type, Verdict = Word(type.Verdict), type.Reasons, type.Dropped, type.Defaulted, type.Folded }),
            });
        }
        else
        {
            foreach (var type in types.Where(type => type.Verdict != ConversionVerdict.Unchanged))
            {
                Print(type);
            }

            Output.Line(string.Join(", ", types.CountBy(type => type.Verdict).OrderBy(count => count.Key).Select(count => $"{count.Value} {Word(count.Key)}")));
        }

        return types.Any(type => type.Verdict == ConversionVerdict.Refused) ? 1 : 0;
    }

    private static void Print(TypePlan type)
    {
        Output.Line($"{Word(type.Verdict),-10} {type.Type}");

        foreach (var line in type.Reasons
            .Concat(type.Dropped.Select(member => $"{member} is dropped"))
            .Concat(type.Defaulted.Select(member => $"{member} is new and takes its default"))
            .Concat(type.Folded.Select(member => $"{member} was spelled differently")))
        {
            Output.Line($"           {line}");
        }
    }

    private static string Word(ConversionVerdict verdict) => JsonNamingPolicy.CamelCase.ConvertName(verdict.ToString());

    private static bool IsAssembly(string path) => path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".exe", StringComparison.OrdinalIgnoreCase);

    private static AssemblyFile Read(string path)
    {
        try
        {
            return AssemblyFile.Read(path);
        }
        catch (Exception exception) when (exception is IOException or BadImageFormatException or InvalidOperationException or UnauthorizedAccessException)
        {
            throw new Failure($"{path} cannot be read as a .NET assembly: {exception.Message} Give the .dll that a build of a C# project made.");
        }
    }
}
