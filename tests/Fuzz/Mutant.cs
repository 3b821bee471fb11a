using System.Globalization;
using System.Text;

namespace Midflight.Fuzz;

/// <summary>Inputs that are nearly right, made from one that is.</summary>
/// <remarks>
/// The same seed and number give the same mutant. The seed is 1, or what MIDFLIGHT_FUZZ_SEED says; a soak makes as many as MIDFLIGHT_FUZZ_COUNT says, a million without it.
/// </remarks>
internal static class Mutant
{
    internal static int Seed { get; } = Setting("MIDFLIGHT_FUZZ_SEED", 1);

    internal static int Many { get; } = Setting("MIDFLIGHT_FUZZ_COUNT", 1_000_000);

    /// <summary>Where the chance of one input comes from.</summary>
    internal static Random Chance(int number) => new(unchecked((Seed * 1_000_003) + number));

    /// <summary>Says which input it was.</summary>
    internal static string Name(int number) => string.Create(CultureInfo.InvariantCulture, $"Input {number} of MIDFLIGHT_FUZZ_SEED={Seed}");

    /// <param name="original">The input that is right.</param>
    /// <param name="random">The chance.</param>
    /// <param name="values">What is put in now and then: what this kind of input may trip over.</param>
    internal static byte[] Of(ReadOnlySpan<byte> original, Random random, string[] values)
    {
        List<byte> mutant = [.. original];

        for (var times = random.Next(1, 5); times > 0 && mutant.Count > 0; times--)
        {
            var at = random.Next(mutant.Count);

            switch (random.Next(7))
            {
                case 0:
                    mutant[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    mutant[at] = (byte)random.Next(256);
                    break;
                case 2:
                    mutant.RemoveRange(at, Math.Min(random.Next(1, 20), mutant.Count - at));
                    break;
                case 3:
                    mutant.Insert(at, "{}[]\",:0-etnul\\ \n"u8[random.Next(17)]);
                    break;
                case 4:
                    mutant.RemoveRange(at, mutant.Count - at);
                    break;
                case 5:
                    var from = random.Next(mutant.Count);
                    mutant.InsertRange(at, mutant.GetRange(from, Math.Min(random.Next(1, 600), mutant.Count - from)));
                    break;
                default:
                    // Where a value ends, or over what stands there.
                    var value = Encoding.UTF8.GetBytes(values[random.Next(values.Length)]);
                    var end = mutant.IndexOf((byte)',', at);

                    if (end >= 0 && random.Next(2) == 0)
                    {
                        mutant.InsertRange(end, value);
                    }
                    else
                    {
                        mutant.RemoveRange(at, Math.Min(value.Length, mutant.Count - at));
                        mutant.InsertRange(at, value);
                    }

                    break;
            }
        }

        return [.. mutant];
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var set) ? set : otherwise;
}
