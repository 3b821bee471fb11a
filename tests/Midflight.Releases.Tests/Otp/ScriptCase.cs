using System.Collections.Immutable;
using System.Text.Json;

namespace Midflight.Releases.Tests.Otp;

/// <summary>One case of <c>systools:make_script</c>.</summary>
internal static class ScriptCase
{
    // What every node of OTP loads before it looks at any application.
    private static readonly HashSet<string> LoadedFirst =
    [
        "error_handler", "application", "application_controller", "application_master", "code", "code_server", "erl_eval",
        "erl_lint", "erl_parse", "error_logger", "ets", "file", "filename", "file_server", "file_io_server", "gen", "gen_event",
        "gen_server", "heart", "kernel", "logger", "logger_filters", "logger_server", "logger_backend", "logger_config",
        "logger_simple_h", "lists", "proc_lib", "supervisor",
    ];

    /// <summary>In what we differ from systools; null if in nothing.</summary>
    public static string? Difference(CaseFiles files, string path)
    {
        var meta = new CaseMeta(JsonElement.Parse(files.Find($"{path}/meta.json")!.Value.Span));
        var options = new PathOptions(meta.Options);
        if (options.Bad is { } bad)
        {
            return RelupCase.Difference(meta.Error, $"bad option {bad}");
        }

        var release = FileTerms.Release($"{meta.New}.rel", files.Find($"{path}/{meta.New}.rel"));
        switch (ReleaseResolver.Resolve(release, new CaseLibrary(files, path), RelupCase.Rules))
        {
            case ReleaseOutcome.Refused(var problem):
                return RelupCase.Difference(meta.Error, ProblemKinds.Of(problem)) is { } difference ? $"{difference}: {problem}" : null;
            case ReleaseOutcome.Resolved(_, [var warning, ..]) when options.WarningsAsErrors && !options.NoWarnSasl:
                return RelupCase.Difference(meta.Error, "warnings") is { } warned ? $"{warned}: {warning}" : null;
            case ReleaseOutcome.Resolved(var resolved, var warnings) when meta.Error is null:
                return Difference(files, path, resolved, options, options.NoWarnSasl ? [] : warnings);
            default:
                return $"expected the error {meta.Error}, but an order came out";
        }
    }

    private static string? Difference(
        CaseFiles files, string path, Release release, PathOptions options, ImmutableArray<ReleaseWarning> warnings)
    {
        var expected = ErlangReader.ReadAll(files.Find($"{path}/expected.order")!.Value.Span)
            .Select(term => ((ErlangTerm.Tuple)term).Elements).ToDictionary(term => ((ErlangTerm.Atom)term[0]).Name, term => term[1]);
        var boot = BootGenerator.Generate(release);
        var paths = boot.Code.Select(code => options.Place(code, path)).ToArray();
        var expectedWarnings = files.Find($"{path}/expected.warnings") is { } file && ErlangReader.ReadFirst(file.Span) is ErlangTerm.List(var terms)
            ? terms.Select(ProblemKinds.OfWarning)
            : [];
        return Compare("path", List(expected["path"]).Select(term => term.Text!), paths.Distinct())
            ?? Compare("prim_load", List(expected["prim_load"]).Select(Loaded), boot.Code.Zip(paths, Loaded))
            ?? Compare("load", List(expected["load"]).Select(Word), boot.Load.Where(name => name != "kernel"))
            ?? Compare("start", List(expected["start"]).Select(Started), boot.Start.Select(Started))
            ?? Compare("load_terms", List(expected["load_terms"]).Select(Application), LoadTerms(release))
            ?? Compare("warnings", expectedWarnings, warnings.Select(_ => "missing_sasl"));
    }

    private static IEnumerable<string> LoadTerms(Release release) => release.Applications
        .Where(application => application.Type != StartType.None && application.Spec.Name is not ("kernel" or "stdlib" or "sasl"))
        .Select(application => ApplicationFile.Write(application.Spec));

    private static string Application(ErlangTerm term) =>
        ApplicationFile.Read("", TermJson.Bytes(FileTerms.Application(term))).Succeeded(out var application, out var error)
            ? ApplicationFile.Write(application)
            : error.ToString();

    private static string Loaded(ErlangTerm term)
    {
        var pair = ((ErlangTerm.Tuple)term).Elements;
        return $"{pair[0].Text}: {string.Join(' ', List(pair[1]).Select(Word))}";
    }

    private static string Loaded(BootCode code, string place) =>
        $"{place}: {string.Join(' ', code.Modules.Where(module => !LoadedFirst.Contains(module)))}";

    private static string Started(ErlangTerm term)
    {
        var pair = ((ErlangTerm.Tuple)term).Elements;
        return $"{Word(pair[0])} {Word(pair[1])}";
    }

    private static string Started(BootStart start) => $"{start.Application} {start.Type.ToString().ToLowerInvariant()}";

    private static ImmutableArray<ErlangTerm> List(ErlangTerm term) => ((ErlangTerm.List)term).Elements;

    private static string Word(ErlangTerm term) => ((ErlangTerm.Atom)term).Name;

    private static string? Compare(string what, IEnumerable<string> expected, IEnumerable<string> actual) =>
        RelupCase.FirstDifference(string.Join('\n', expected), string.Join('\n', actual)) is { } difference ? $"{what}, {difference}" : null;
}
