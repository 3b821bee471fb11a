using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>All hot assemblies of a release: which modules they have, and what each module reaches.</summary>
public sealed class CodeSet
{
    // Hexadecimal digits of a vsn that is a hash: 48 bits, so that two versions of a module's code never have the same.
    private const int VsnDigits = 12;

    private readonly Dictionary<string, AssemblyFile> _assemblies;
    private readonly Dictionary<(string Assembly, string Type), TypeEntry> _types;
    private readonly Dictionary<TypeEntry, (ModuleKind, TypeName?)> _kinds = new(ReferenceEqualityComparer.Instance);

    /// <summary>Combines the hot assemblies of a release.</summary>
    /// <param name="assemblies">All of them: those of every application whose code can be changed in a running node.</param>
    public CodeSet(IEnumerable<AssemblyFile> assemblies)
    {
        _assemblies = assemblies.ToDictionary(assembly => assembly.Name);
        _types = _assemblies.Values.SelectMany(assembly => assembly.Types.Select(type => (assembly, type)))
            .ToDictionary(entry => (entry.assembly.Name, entry.type.FullName), entry => entry.type);
    }

    /// <summary>The types of an assembly as modules, ordered by name, without compiler-generated ones.</summary>
    /// <param name="assembly">Simple name of the assembly.</param>
    /// <exception cref="ArgumentException">The set does not have this assembly.</exception>
    public ImmutableArray<ModuleCode> Modules(string assembly) =>
    [
        .. Find(assembly).Types.Where(type => !type.FullName.Contains('<', StringComparison.Ordinal))
            .OrderBy(type => type.FullName, StringComparer.Ordinal).Select(type => Module(assembly, type)),
    ];

    /// <summary>The type that starts an application: the one that derives from <c>Midflight.Application</c>; null if there is none.</summary>
    /// <param name="assembly">Simple name of the assembly.</param>
    /// <exception cref="ArgumentException">The set does not have this assembly.</exception>
    public string? StartModule(string assembly) => Modules(assembly)
        .FirstOrDefault(module => module is { Kind: ModuleKind.Application, IsAbstract: false })?.Name;

    private AssemblyFile Find(string assembly) => _assemblies.GetValueOrDefault(assembly)
        ?? throw new ArgumentException($"There is no assembly {assembly} among {string.Join(", ", _assemblies.Keys)}. Read it first.", nameof(assembly));

    private ModuleCode Module(string assembly, TypeEntry type)
    {
        var (kind, state) = KindOf(assembly, type);
        var reached = CodeText.Digest(string.Join(
            '\n', Reached(assembly, type).Select(next => next.Type.Hash).Append(type.Hash).Order(StringComparer.Ordinal).Prepend(type.FullName)));
        return new(type.FullName, kind, type.Vsn ?? reached[..VsnDigits])
        {
            State = state,
            OwnHash = type.Hash,
            ReachedHash = reached,
            IsPublic = type.IsPublic,
            IsAbstract = type.IsAbstract,
            ChangesCode = state is not null && Lineage(assembly, type).Any(hot => hot.ChangesCode),
            Mentions =
            [
                .. Reached(assembly, type, through: next => !IsRun(next.Assembly, next.Type)).Where(next => !IsRun(next.Assembly, next.Type))
                    .Select(next => next.Type).Append(type).Select(next => next.FullName).Order(StringComparer.Ordinal),
            ],
            Uses =
            [
                .. Reached(assembly, type, through: next => !IsRun(next.Assembly, next.Type)).Where(next => IsRun(next.Assembly, next.Type))
                    .Select(next => next.Type.FullName).Distinct().Order(StringComparer.Ordinal),
            ],
        };
    }

    // The type and its hot ancestors.
    private IEnumerable<TypeEntry> Lineage(string assembly, TypeEntry type)
    {
        for (var (at, hot) = (assembly, type); hot is not null; (at, hot) = Hot(at, hot.Parent))
        {
            yield return hot;
        }
    }

    private (string Assembly, TypeEntry? Type) Hot(string assembly, TypeName? name) => name is not TypeName.Named(var full, _) ? default
        : _types.GetValueOrDefault((assembly, full)) is { } own ? (assembly, own)
        : _assemblies.Keys.Where(other => _types.ContainsKey((other, full))).Select(other => (other, (TypeEntry?)_types[(other, full)])).FirstOrDefault();

    private bool IsRun(string assembly, TypeEntry type) => KindOf(assembly, type).Item1 != ModuleKind.Other && !type.IsAbstract;

    private (ModuleKind, TypeName?) KindOf(string assembly, TypeEntry type)
    {
        if (!_kinds.TryGetValue(type, out var kind))
        {
            _kinds.Add(type, kind = Kind(assembly, type));
        }

        return kind;
    }

    private (ModuleKind, TypeName?) Kind(string assembly, TypeEntry type)
    {
        if (type.IsStatic)
        {
            return (type.IsPublic ? ModuleKind.Functions : ModuleKind.Other, null);
        }

        // Up the hierarchy, through hot types, to a type of Midflight. Type arguments are carried along.
        for (var (at, parent) = (assembly, type.Parent); parent is TypeName.Named(var name, var arguments);)
        {
            switch (name)
            {
                case "Midflight.GenServer`1" or "Midflight.GenEvent`1" or "Midflight.Agent`1":
                    return (ModuleKind.GenServer, arguments[0]);
                case "Midflight.SpecialProcess`1":
                    return (ModuleKind.SpecialProcess, arguments[0]);
                case "Midflight.GenStateMachine`2":
                    // State and data are converted together.
                    return (ModuleKind.GenStateMachine, new TypeName.Named("System.ValueTuple`2", arguments) { IsValueType = true });
                case "Midflight.Supervisor":
                    return (ModuleKind.Supervisor, null);
                case "Midflight.DynamicSupervisor":
                    return (ModuleKind.DynamicSupervisor, null);
                case "Midflight.Application":
                    return (ModuleKind.Application, null);
            }

            var (next, hot) = Hot(at, parent);
            (at, parent) = (next, hot?.Parent?.With(arguments));
        }

        return (ModuleKind.Other, null);
    }

    // All types that a type's code mentions, and those that they mention in turn, where the search continues through them. Without the type itself.
    private IEnumerable<(string Assembly, TypeEntry Type)> Reached(
        string assembly, TypeEntry type, Func<(string Assembly, TypeEntry Type), bool>? through = null)
    {
        var reached = new HashSet<(string, string)> { (assembly, type.FullName) };
        var open = new Stack<(string Assembly, TypeEntry Type)>([(assembly, type)]);

        while (open.TryPop(out var at))
        {
            foreach (var (used, name) in at.Type.Uses)
            {
                var key = (used ?? at.Assembly, name);

                // Compiler-generated types count by their content where they are used.
                if (!IsCompilers(name) && _types.TryGetValue(key, out var next) && reached.Add(key))
                {
                    yield return (key.Item1, next);

                    if (through?.Invoke((key.Item1, next)) ?? true)
                    {
                        open.Push((key.Item1, next));
                    }
                }
            }
        }
    }

    private static bool IsCompilers(string type) =>
        type.StartsWith("<>", StringComparison.Ordinal) || type.StartsWith("<PrivateImplementationDetails>", StringComparison.Ordinal);
}

/// <summary>What metadata says about a module.</summary>
/// <param name="Name">Full type name.</param>
/// <param name="Kind">The kind of module.</param>
/// <param name="Vsn">The version from <c>[Vsn]</c>, or else the start of <see cref="ReachedHash"/>.</param>
public sealed record ModuleCode(string Name, ModuleKind Kind, string Vsn)
{
    /// <summary>The state of the processes of a behaviour, which an upgrade converts; null for any other module.</summary>
    public TypeName? State { get; init; }

    /// <summary>A hash of its own code.</summary>
    public string OwnHash { get; init; } = "";

    /// <summary>A hash of its own code and of all hot code that it reaches.</summary>
    public string ReachedHash { get; init; } = "";

    /// <summary>Whether it is visible to other assemblies.</summary>
    public bool IsPublic { get; init; }

    /// <summary>Whether it is abstract, so that it cannot start anything.</summary>
    public bool IsAbstract { get; init; }

    /// <summary>Whether it, or a hot class that it derives from, has a <c>CodeChange</c>.</summary>
    internal bool ChangesCode { get; init; }

    /// <summary>Full names of the module and of the hot types that its code mentions, directly or through types that are not modules: what it may send.</summary>
    internal ImmutableArray<string> Mentions { get; init; } = [];

    /// <summary>
    /// Full names of the hot modules that it uses, in order: those that its code mentions, directly or through types that are not
    /// modules. OTP's <c>DepMods</c>, as far as the code shows them: a module that only receives messages is not mentioned.
    /// </summary>
    public ImmutableArray<string> Uses { get; init; } = [];
}

/// <summary>A kind of module.</summary>
public enum ModuleKind
{
    /// <summary>A type that no process runs on its own: a record, an interface, a class used by others.</summary>
    Other,

    /// <summary>A public static class: its functions may be processes.</summary>
    Functions,

    /// <summary>A <c>GenServer</c>.</summary>
    GenServer,

    /// <summary>A <c>SpecialProcess</c>.</summary>
    SpecialProcess,

    /// <summary>A <c>GenStateMachine</c>.</summary>
    GenStateMachine,

    /// <summary>A <c>Supervisor</c>.</summary>
    Supervisor,

    /// <summary>A <c>DynamicSupervisor</c>.</summary>
    DynamicSupervisor,

    /// <summary>The module that starts an application.</summary>
    Application,
}
