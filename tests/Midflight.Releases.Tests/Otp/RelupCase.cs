using System.Text;
using System.Text.Json;

namespace Midflight.Releases.Tests.Otp;

/// <summary>One case of <c>systools:make_relup</c>.</summary>
internal static class RelupCase
{
    /// <summary>OTP's base applications, as every release of it needs them.</summary>
    public static readonly ReleaseRules Rules = new()
    {
        Mandatory = ["kernel", "stdlib"],
        Upgrader = "sasl",
        UpgraderRestartsFirstSince = "2.2",
    };

    /// <summary>In what we differ from systools; null if in nothing.</summary>
    public static string? Difference(CaseFiles files, string path)
    {
        var meta = new CaseMeta(JsonElement.Parse(files.Find($"{path}/meta.json")!.Value.Span));
        if (meta.Options.Any(option => option.Tagged("outdir") is [_, { Text: null }]))
        {
            return Difference(meta.Error, "an option of the wrong type");
        }

        var outcome = RelupGenerator.Generate(
            Base(meta.New, ""),
            meta.Bases("up").Select(item => Base(item.Name, item.Description)),
            meta.Bases("down").Select(item => Base(item.Name, item.Description)),
            new CaseLibrary(files, path),
            new RelupOptions
            {
                Rules = Rules,
                RestartEmulator = meta.Options.Contains(new ErlangTerm.Atom("restart_emulator")),
                WarningsAsErrors = meta.Options.Contains(new ErlangTerm.Atom("warnings_as_errors")),
                Ties = meta.Ties,
            });
        return outcome switch
        {
            RelupOutcome.Refused(var problem) => Difference(meta.Error, ProblemKinds.Of(problem)) is { } difference
                ? $"{difference}: {problem}"
                : null,
            RelupOutcome.Generated(var relup, var warnings) when meta.Error is null => Difference(files, path, relup, warnings),
            _ => $"expected the error {meta.Error}, but a relup came out",
        };

        RelupBase Base(string name, string description) =>
            new(name, FileTerms.Release($"{name}.rel", files.Find($"{path}/{name}.rel")), description);
    }

    /// <summary>Compares kinds of errors. Where systools itself fell over any error will do.</summary>
    public static string? Difference(string? expected, string actual) =>
        expected is not null && (expected == actual || !expected.StartsWith("systools_", StringComparison.Ordinal))
            ? null
            : $"expected {expected ?? "no error"}, got {actual}";

    /// <summary>The first line in which two texts differ.</summary>
    public static string? FirstDifference(string expected, string actual)
    {
        var (one, two) = (expected.Split('\n'), actual.Split('\n'));
        for (var line = 0; line < Math.Max(one.Length, two.Length); line++)
        {
            if (one.ElementAtOrDefault(line) != two.ElementAtOrDefault(line))
            {
                return $"line {line + 1}: expected {one.ElementAtOrDefault(line)?.Trim()}, got {two.ElementAtOrDefault(line)?.Trim()}";
            }
        }

        return null;
    }

    private static string? Difference(CaseFiles files, string path, Relup relup, IEnumerable<RelupWarning> warnings)
    {
        if (!FileTerms.Relup("expected.relup", files.Find($"{path}/expected.relup")).Succeeded(out var expected, out var error))
        {
            return $"the expected relup could not be read: {error}";
        }

        var written = RelupFile.Write(relup);
        if (!RelupFile.Read("relup.json", Encoding.UTF8.GetBytes(written)).Succeeded(out var again, out error) || RelupFile.Write(again) != written)
        {
            return $"the relup could not be read back: {error}";
        }

        var expectedWarnings = files.Find($"{path}/expected.warnings") is { } file && ErlangReader.ReadFirst(file.Span) is ErlangTerm.List(var terms)
            ? terms.Select(ProblemKinds.OfWarning)
            : [];
        return FirstDifference(RelupFile.Write(expected), written)
            ?? FirstDifference(string.Join('\n', expectedWarnings), string.Join('\n', warnings.Select(ProblemKinds.Of)));
    }
}
