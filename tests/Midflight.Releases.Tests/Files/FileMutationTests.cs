using System.Text;
using Midflight.Fuzz;

namespace Midflight.Releases.Tests.Files;

public sealed class FileMutationTests
{
    private const int EachKind = 20_000;

    [Fact]
    public void A_hundred_thousand_mutated_files_are_read_or_refused_with_line_and_column() => Survive(EachKind);

    [Fact]
    [Trait("Category", "Soak")]
    public void Millions_of_mutated_files_are_read_or_refused_with_line_and_column() => Survive(Mutant.Many);

    private static void Survive(int count)
    {
        Survives(FileSamples.Application, ApplicationFile.Read, count);
        Survives(FileSamples.Release, ReleaseFile.Read, count);
        Survives(FileSamples.Appup, AppupFile.Read, count);
        Survives(FileSamples.Relup, RelupFile.Read, count);
        Survives(FileSamples.Boot, BootFile.Read, count);
    }

    private static void Survives<T>(string sample, Func<string, ReadOnlyMemory<byte>, FileRead<T>> read, int count) where T : class
    {
        var bytes = Encoding.UTF8.GetBytes(sample);
        for (var number = 0; number < count; number++)
        {
            var mutant = Mutant.Of(bytes, Mutant.Chance(number), Values);
            if (read("f.json", mutant).Succeeded(out var content, out var error))
            {
                continue;
            }

            if (error.Line < 1 || error.Column < 1 || error.Found.Length == 0 || error.Expected.Length == 0)
            {
                Assert.Fail($"{Mutant.Name(number)}: {error}\n{Encoding.UTF8.GetString(mutant)}");
            }
        }
    }

    private static readonly string[] Values = [",null", ",1e999", ",[[[[", ",{\"update\":{}}", ",\"\\ud800\"", ",\"x\":[]", ",-0", ",\"mod\":{}"];
}
