using Xunit.Abstractions;

namespace Midflight.Releases.Tests.Otp;

/// <summary>Relups and boot scripts against those that the real systools made of the same files.</summary>
public sealed class OracleTests(ITestOutputHelper output)
{
    [Fact]
    public void Every_relup_and_boot_script_comes_out_as_in_OTP()
    {
        var files = CaseFiles.Read();
        var (relups, otherRelups) = Run(files, "relup", RelupCase.Difference);
        var (scripts, otherScripts) = Run(files, "script", ScriptCase.Difference);

        var summary = $"relup: {relups - otherRelups.Count} of {relups} as OTP, script: {scripts - otherScripts.Count} of {scripts} as OTP";
        output.WriteLine(summary);
        Console.WriteLine(summary);
        Assert.True(relups + scripts > 0, "No cases were found.");
        Assert.True(otherRelups.Count + otherScripts.Count == 0, string.Join('\n', [summary, .. otherRelups, .. otherScripts]));
    }

    private static (int Count, List<string> Others) Run(CaseFiles files, string kind, Func<CaseFiles, string, string?> difference)
    {
        var cases = files.Cases(kind).ToArray();
        return (cases.Length, [.. cases.Select(path => (path, Other: Try(path))).Where(item => item.Other is not null).Select(item => $"{item.path}: {item.Other}")]);

        string? Try(string path)
        {
            try
            {
                return difference(files, path);
            }
            catch (Exception crash)
            {
                // One case that falls over must not hide the others.
                return $"crash: {crash}";
            }
        }
    }
}
