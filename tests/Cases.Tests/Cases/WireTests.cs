using System.Runtime.Loader;
using Midflight.Host;
using Midflight.Host.Tests;
using Xunit.Abstractions;

namespace Midflight.Cases;

/// <summary>The values of all cases, written by the old code and read by the new.</summary>
public sealed class WireTests(ITestOutputHelper output)
{
    // Resources at work stay where they are: whoever reads a value has none of them.
    private static readonly string[] s_ofResources = ["locks-and-live-resources-pass", "midflight-own-references"];

    // Each of them is compiled twice.
    [Fact]
    public Task What_new_code_says_of_every_fourth_value_is_right_or_the_value_is_refused() => Try(4);

    [Fact]
    [Trait("Category", "Soak")]
    public Task What_new_code_says_of_every_value_is_right_or_the_value_is_refused() => Try(1);

    private async Task Try(int each)
    {
        // Some make a value of what only a process has.
        await using var node = new Node();
        await node.Run(() =>
        {
            All(each);
            return Task.CompletedTask;
        });
    }

    private void All(int each)
    {
        var counts = new Dictionary<string, int>();
        var wrong = new List<string>();

        foreach (var @case in CaseFiles.Read(CaseFiles.Named()).OfType<Case>().Where((_, index) => index % each == 0))
        {
            var (kind, said) = Of(@case);
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
            output.WriteLine($"{kind}: {@case.Name}: {said}");

            if (kind == "wrong" && !s_ofResources.Contains(@case.Name))
            {
                wrong.Add($"{@case.Name}: {said}");
            }
        }

        output.WriteLine(string.Join(", ", counts));
        Assert.Empty(wrong);
    }

    private static (string Kind, string Said) Of(Case @case)
    {
        var code = CaseCode.Of(@case);
        var application = new HotApplication("demo");
        var old = Load(application, code.Old, 1);
        var now = Load(application, code.Now, 2);
        var show = now.FindType(CaseCode.Name(code.Now, "CaseShow"))!.GetMethod("Show")!;
        var wanted = show.GetParameters()[0].ParameterType;

        // Shown at once: there may be timers in it.
        string Say(Func<object, object?> take)
        {
            var value = old.FindType(CaseCode.Name(code.Old, "CaseMaker"))!.GetMethod("Make")!.Invoke(null, null)!;

            try
            {
                return Convert.ToString(show.Invoke(null, System.Reflection.BindingFlags.DoNotWrapExceptions, null, [take(value)], null), System.Globalization.CultureInfo.InvariantCulture) ?? "null";
            }
            catch (Exception exception) when (exception is not (ConversionRefusedException or WireDamagedException))
            {
                return $"threw {exception.GetType()}: {exception.Message}";
            }
            catch (Exception exception)
            {
                return $"refused: {exception.Message}";
            }
        }

        var converted = Say(value => new CodeConversion(now).Convert(value, wanted));
        var read = Say(value => WireForm.Read(WireForm.Write(value), now, wanted));
        return (read == converted ? "same" : @case.Allows(read) ? "right" : read.StartsWith("refused:", StringComparison.Ordinal) ? (converted.StartsWith("refused:", StringComparison.Ordinal) ? "both refused" : "refused") : "wrong",
            read == converted ? read : $"{read}; converted: {converted}");
    }

    private static CodeVersion Load(HotApplication application, string source, int number)
    {
        var context = new AssemblyLoadContext($"case {number}", isCollectible: true);
        var version = new CodeVersion(application, number, $"{number}.0");
        version.Fill([context.LoadFromStream(new MemoryStream(Compile.Assembly("Demo", source, $"{number}.0").Bytes))], []);
        return version;
    }
}
