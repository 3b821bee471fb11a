namespace Midflight.Releases.Tests.Otp;

/// <summary>The options of <c>systools:make_script</c>, most of which say how OTP writes the paths of code.</summary>
internal sealed class PathOptions(IEnumerable<ErlangTerm> options)
{
    private readonly ErlangTerm[] _options = [.. options];

    public bool NoWarnSasl => Has("no_warn_sasl");

    public bool WarningsAsErrors => Has("warnings_as_errors");

    /// <summary>The first option that systools refuses.</summary>
    public ErlangTerm? Bad => Array.Find(_options, option => !IsGood(option));

    /// <summary>The path as OTP writes it.</summary>
    public string Place(BootCode code, string path)
    {
        var folder = $"{code.Application}-{code.Version}";
        if (Has("local"))
        {
            return code.Folder[(path.Length + 1)..];
        }

        if (Has("otp_build"))
        {
            return $"$ROOT/lib/{code.Application}/ebin";
        }

        // OTP ran in the folder of the case.
        var place = code.Folder.StartsWith(path, StringComparison.Ordinal) ? code.Folder[(path.Length + 1)..] : $"../../{code.Folder}";
        foreach (var (variable, prefix) in Variables())
        {
            if (place.StartsWith(prefix, StringComparison.Ordinal))
            {
                var parts = place.Split('/')[prefix.Split('/', StringSplitOptions.RemoveEmptyEntries).Length..];
                var inner = parts is [.. var above, var own, "ebin"] && (own == code.Application || own == folder) ? above : parts;
                return string.Join('/', [$"${variable}", .. inner, folder, "ebin"]);
            }
        }

        return $"$ROOT/lib/{folder}/ebin";
    }

    private IEnumerable<(string Name, string Prefix)> Variables() =>
        from option in _options
        where option.Tagged("variables") is [_, ErlangTerm.List]
        from pair in ((ErlangTerm.List)((ErlangTerm.Tuple)option).Elements[1]).Elements
        let elements = ((ErlangTerm.Tuple)pair).Elements
        select (elements[0] is ErlangTerm.Atom(var name) ? name : elements[0].Text!, elements[1].Text!.TrimEnd('/'));

    private bool Has(string name) => _options.Contains(new ErlangTerm.Atom(name));

    private static bool IsGood(ErlangTerm option) => option switch
    {
        ErlangTerm.Atom("silent" or "local" or "src_tests" or "exref" or "otp_build" or "warnings_as_errors" or "no_warn_sasl"
            or "no_module_tests" or "no_dot_erlang") => true,
        ErlangTerm.Tuple { Elements: [ErlangTerm.Atom("path"), ErlangTerm.List(var path)] } =>
            path.All(item => item is ErlangTerm.Atom || item.Text is not null),
        ErlangTerm.Tuple { Elements: [ErlangTerm.Atom("variables"), ErlangTerm.List(var variables)] } =>
            variables.All(item => item is ErlangTerm.Tuple { Elements: [ErlangTerm.Atom or { Text: not null }, { Text: not null }] }),
        ErlangTerm.Tuple { Elements: [ErlangTerm.Atom("exref"), ErlangTerm.List(var names)] } => names.All(name => name is ErlangTerm.Atom),
        ErlangTerm.Tuple { Elements: [ErlangTerm.Atom("outdir" or "script_name"), { Text: not null }] } => true,
        _ => false,
    };
}
