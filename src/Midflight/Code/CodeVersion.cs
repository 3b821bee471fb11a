using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>One loaded version of one application's assemblies, in its own load context.</summary>
/// <remarks>The Host's code server creates them; each process holds the one that it runs.</remarks>
internal sealed class CodeVersion
{
    // Maps an assembly to its version without keeping either alive.
    private static readonly ConditionalWeakTable<Assembly, CodeVersion> s_versions = [];

    // For the classes that the compiler generates for lambdas: a delegate is slow to report its method the first time.
    private static readonly ConditionalWeakTable<Type, Closure> s_closures = [];

    // The static function that was looked up last; usually it is also the next one. This keeps neither it nor its version alive.
    [ThreadStatic]
    private static LastFunction? t_last;

    // Of versions that were rolled back or replaced, for their code that is still running: it gets its replies converted to its own version. It is
    // kept exactly as long as the code is in memory.
    private static readonly ConditionalWeakTable<Assembly, Contents> s_left = [];

    private volatile Contents? _contents = new();
    private WeakReference<Contents>? _left;
    private volatile Trial? _trial;

    /// <param name="application">The application.</param>
    /// <param name="number">1 for the first one loaded in this node, then counting up.</param>
    /// <param name="release">The version in the application's project, such as 0.2.0.</param>
    /// <param name="factories">Opens the factory of its modules. Default: their constructors have no parameters.</param>
    internal CodeVersion(HotApplication application, int number, string release, Func<ModuleFactory>? factories = null) =>
        (Application, Number, Release, Modules) = (application, number, release, new(factories));

    internal HotApplication Application { get; }

    internal int Number { get; }

    internal string Release { get; }

    /// <summary>The application's own assemblies; empty once it is unloaded and out of memory.</summary>
    internal IReadOnlyList<Assembly> Assemblies => Held?.Assemblies ?? [];

    /// <summary>The versions of other hot applications that its references are bound to.</summary>
    internal IReadOnlyList<CodeVersion> Uses => Held?.Uses ?? [];

    /// <summary>The behaviours of this version: one instance of each class.</summary>
    internal ModuleTable Modules { get; private set; }

    /// <summary>Converts values of other code versions. Null while the node has had no other version of any application.</summary>
    /// <remarks>Only <see cref="Door"/> uses it.</remarks>
    internal Conversion? Incoming
    {
        get => Held?.Incoming;
        set
        {
            // First, so that any code that meets a value of another version knows that it must check.
            Door.IsNeeded |= value is not null;

            if (Held is { } held)
            {
                held.Incoming = value;
            }
        }
    }

    private Contents? Held => _contents ?? (_left is { } left && left.TryGetTarget(out var held) ? held : null);

    // Everything in a version that refers to its load context.
    private sealed class Contents
    {
        private volatile Conversion? _incoming;

        internal IReadOnlyList<Assembly> Assemblies { get; set; } = [];

        internal IReadOnlyList<CodeVersion> Uses { get; set; } = [];

        internal ConcurrentDictionary<string, Type?> Types { get; } = new();

        internal Conversion? Incoming
        {
            get => _incoming;
            set => _incoming = value;
        }
    }

    /// <summary>The upgrade that made it current; null if none did.</summary>
    internal Trial? Trial
    {
        get => _trial;
        set => _trial = value;
    }

    /// <summary>The code version of an assembly; null for one that is not hot.</summary>
    internal static CodeVersion? Of(Assembly assembly) => s_versions.TryGetValue(assembly, out var version) ? version : null;

    internal static CodeVersion? Of(Type type) => Of(type.Assembly);

    /// <summary>The code version of a delegate's method; null for one that is not hot.</summary>
    internal static CodeVersion? Of(Delegate function)
    {
        var bound = function.Target?.GetType();

        if (bound is not null)
        {
            if (s_closures.TryGetValue(bound, out var closure))
            {
                return closure.Version;
            }
        }
        else if (t_last is { } last && last.Function.TryGetTarget(out var same) && ReferenceEquals(same, function))
        {
            // It is in memory as long as its code is.
            return last.Version is { } weak && weak.TryGetTarget(out var known) ? known : null;
        }

        var version = Of(function.Method.Module.Assembly);

        if (bound is null)
        {
            t_last ??= new();
            t_last.Function.SetTarget(function);
            t_last.Version = version is null ? null : new(version);
        }

        // The only delegates bound to objects of a class with such a name are those to its own methods.
        else if (bound.Name.StartsWith("<>c", StringComparison.Ordinal))
        {
            s_closures.AddOrUpdate(bound, new(version));
        }

        return version;
    }

    private sealed record Closure(CodeVersion? Version);

    private sealed class LastFunction
    {
        internal readonly WeakReference<Delegate> Function = new(null!);

        // Null if it is not hot.
        internal WeakReference<CodeVersion>? Version;
    }

    internal void Fill(IReadOnlyList<Assembly> assemblies, IReadOnlyList<CodeVersion> uses)
    {
        (_contents!.Assemblies, _contents.Uses) = (assemblies, uses);

        foreach (var assembly in assemblies)
        {
            s_versions.AddOrUpdate(assembly, this);
        }
    }

    /// <summary>Releases everything that keeps the load context in memory.</summary>
    /// <remarks>
    /// A value of this version that still exists remains known as one, so that its receiver can convert it. Code of it that is still running
    /// continues to get its input converted: its assemblies hold what that takes, and nothing else does.
    /// </remarks>
    internal void Unload()
    {
        if (_contents is { } contents)
        {
            foreach (var assembly in contents.Assemblies)
            {
                s_left.AddOrUpdate(assembly, contents);
            }

            _left = new(contents);
            _contents = null;
        }

        Trial = null;
        Modules.Close();
        Modules = new(null);
    }

    /// <summary>The type with a name in this version; null if it has none.</summary>
    internal Type? FindType(string fullName) => Held is not { } held ? null : held.Types.GetOrAdd(
        fullName,
        static (name, held) => held.Assemblies.Select(assembly => assembly.GetType(name)).FirstOrDefault(type => type is not null),
        held);

    /// <summary>The method with the same name and parameters in this version.</summary>
    /// <exception cref="MissingMethodException">It has none: OTP's undef.</exception>
    internal MethodInfo Namesake(MethodInfo method) => Namesake(
        method.DeclaringType!.FullName!,
        method.Name,
        [.. method.GetParameters().Select(parameter => parameter.ParameterType.ToString())]);

    /// <inheritdoc cref="Namesake(MethodInfo)"/>
    internal MethodInfo Namesake(string typeName, string name, IReadOnlyList<string> parameters)
    {
        var type = FindType(typeName) ?? throw new MissingMethodException(
            $"{typeName} is not in {this}, so {name} cannot be called there. Keep the type, or call it with Next.Local.");

        return type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .FirstOrDefault(other => other.Name == name
                && other.GetParameters().Select(parameter => parameter.ParameterType.ToString()).SequenceEqual(parameters))
            ?? throw new MissingMethodException(
                $"{typeName}.{name}({string.Join(", ", parameters)}) is not in {this}. Keep the function, or call it with Next.Local.");
    }

    /// <summary>The versions of a type and of the types that it mentions, its own first: a (string, RoomId)[] is of RoomId's, and List&lt;Session&gt; is of Session's.</summary>
    internal static IEnumerable<CodeVersion> Mentioned(Type type) => type.HasElementType
        ? Mentioned(type.GetElementType()!)
        : (Of(type) is { } own ? [own] : Enumerable.Empty<CodeVersion>()).Concat(type.IsGenericType ? type.GetGenericArguments().SelectMany(Mentioned) : []);

    /// <inheritdoc/>
    public override string ToString() => $"{Application.Name} {Release} (#{Number})";
}

/// <summary>A hot application, and the two code versions that it may have loaded at once.</summary>
internal sealed class HotApplication(string name)
{
    private volatile CodeVersion? _current;
    private volatile CodeVersion? _old;

    internal string Name { get; } = name;

    /// <summary>What qualified calls run; null before the first load and after a delete.</summary>
    internal CodeVersion? Current
    {
        get => _current;
        set => _current = value;
    }

    internal CodeVersion? Old
    {
        get => _old;
        set => _old = value;
    }
}

/// <summary>Converts values to one code version. Implemented by the Host, which compiles a converter for each pair of types.</summary>
internal abstract class Conversion
{
    /// <summary>A value converted to this version's type; the value itself if nothing in it belongs to another version.</summary>
    /// <exception cref="ConversionException">It cannot be converted.</exception>
    internal abstract object Receive(object value);

    /// <summary>A value as a type of this version.</summary>
    /// <param name="value">The value.</param>
    /// <param name="target">The expected type.</param>
    /// <param name="copies">Whether the receiver may change it, so that nothing mutable may be shared with the old one.</param>
    /// <exception cref="ConversionException">It cannot be converted.</exception>
    internal abstract object? Convert(object? value, Type target, bool copies = false);

    /// <summary>Whether every value of a type converts, as far as types can show.</summary>
    /// <returns>One sentence for each obstacle, with the line to write.</returns>
    internal virtual IReadOnlyList<string> Check(Type from, Type to) => [];
}
