using System.Text;

namespace Midflight.Releases.Tests.Files;

public sealed class FileMutationTests
{
    private const int EachKind = 20_000;

    [Fact]
    public void A_hundred_thousand_mutated_files_are_read_or_refused_with_line_and_column()
    {
        Survives(FileSamples.Application, ApplicationFile.Read);
        Survives(FileSamples.Release, ReleaseFile.Read);
        Survives(FileSamples.Appup, AppupFile.Read);
        Survives(FileSamples.Relup, RelupFile.Read);
        Survives(FileSamples.Boot, BootFile.Read);
    }

    private static void Survives<T>(string sample, Func<string, ReadOnlyMemory<byte>, FileRead<T>> read) where T : class
    {
        var random = new Random(sample.Length);
        var bytes = Encoding.UTF8.GetBytes(sample);
        for (var number = 0; number < EachKind; number++)
        {
            var mutant = Mutate(bytes, random);
            if (read("f.json", mutant).Succeeded(out var content, out var error))
            {
                continue;
            }

            if (error.Line < 1 || error.Column < 1 || error.Found.Length == 0 || error.Expected.Length == 0)
            {
                Assert.Fail($"{error}\n{Encoding.UTF8.GetString(mutant)}");
            }
        }
    }

    private static byte[] Mutate(byte[] bytes, Random random)
    {
        List<byte> mutant = [.. bytes];
        for (var times = random.Next(1, 4); times > 0 && mutant.Count > 0; times--)
        {
            var at = random.Next(mutant.Count);
            switch (random.Next(6))
            {
                case 0:
                    mutant[at] = (byte)random.Next(256);
                    break;
                case 1:
                    mutant.RemoveRange(at, Math.Min(random.Next(1, 20), mutant.Count - at));
                    break;
                case 2:
                    mutant.Insert(at, "{}[]\",:0-etnul\\ \n"u8[random.Next(17)]);
                    break;
                case 3:
                    mutant.RemoveRange(at, mutant.Count - at);
                    break;
                case 4:
                    var from = random.Next(mutant.Count);
                    mutant.InsertRange(at, mutant.GetRange(from, Math.Min(random.Next(1, 40), mutant.Count - from)));
                    break;
                default:
                    // A value of another kind where one ends.
                    var end = mutant.IndexOf((byte)',', at);
                    mutant.InsertRange(end < 0 ? at : end, Encoding.UTF8.GetBytes(Values[random.Next(Values.Length)]));
                    break;
            }
        }

        return [.. mutant];
    }

    private static readonly string[] Values = [",null", ",1e999", ",[[[[", ",{\"update\":{}}", ",\"\\ud800\"", ",\"x\":[]", ",-0", ",\"mod\":{}"];
}
