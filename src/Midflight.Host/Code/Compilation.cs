using System.Reflection;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>How far a code version is prepared before it is used.</summary>
internal enum Readiness
{
    /// <summary>Its initializers have run and its behaviours exist.</summary>
    Loaded,

    /// <summary>The methods are compiled as well.</summary>
    Compiled,
}

/// <summary>Compiles a code version before a process runs it: a first call is ten times faster in compiled code.</summary>
internal static class Compilation
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static
        | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Runs the module initializers, creates the behaviours and, if asked, compiles the methods.</summary>
    /// <returns>What prevents the version from running; null if nothing does.</returns>
    /// <remarks>
    /// An initializer is OTP's on_load: while it runs, the previous version is still current, and stays so if the initializer throws.
    /// Generic code is compiled when it first runs, for the types that it runs with. So are the methods that the compiler generates to print and
    /// compare records: they take longer than the rest of many a module, and are rarely called.
    /// </remarks>
    internal static LoadRefusal? Prepare(LoadedVersion loaded, Readiness readiness)
    {
        var at = "";

        try
        {
            foreach (var assembly in loaded.Version.Assemblies)
            {
                at = $"The module initializer of {assembly.GetName().Name}";
                RuntimeHelpers.RunModuleConstructor(assembly.ManifestModule.ModuleHandle);

                foreach (var type in assembly.GetTypes().Where(type => !type.ContainsGenericParameters))
                {
                    foreach (var method in readiness == Readiness.Compiled ? Compilable(type) : [])
                    {
                        at = $"{type.FullName}.{method.Name}";
                        RuntimeHelpers.PrepareMethod(method.MethodHandle);
                    }

                    if (typeof(Behaviour).IsAssignableFrom(type) && !type.IsAbstract)
                    {
                        at = $"The constructor of {type.FullName}";
                        loaded.Version.Modules.Get(type);
                    }
                }
            }

            return null;
        }
        // Whatever is wrong with the code is a failure of this load only.
        catch (Exception exception)
        {
            return Refusal(loaded, at, exception);
        }
    }

    /// <summary>Starts to compile, on a separate thread, what the processes of a starting node run first: its behaviours.</summary>
    /// <remarks>
    /// A method called before its turn is compiled by its caller, as always. Stops when the version is no longer current. Does nothing
    /// on a machine with one processor.
    /// </remarks>
    internal static void Begin(IReadOnlyList<LoadedVersion> versions)
    {
        if (Environment.ProcessorCount > 1)
        {
#pragma warning disable RS0030 // It compiles code and runs none, and ends before any of the code is unloaded.
            new Thread(() => CompileBehaviours(versions)) { IsBackground = true, Name = "Midflight compiler" }.UnsafeStart();
#pragma warning restore RS0030
        }
    }

    private static void CompileBehaviours(IReadOnlyList<LoadedVersion> versions)
    {
        try
        {
            // Last first: whatever starts first gets compiled by its callers.
            for (var i = versions.Count - 1; i >= 0; i--)
            {
                var version = versions[i].Version;

                foreach (var assembly in version.Assemblies)
                {
                    foreach (var type in assembly.GetTypes())
                    {
                        if (version.Application.Current != version)
                        {
                            return;
                        }

                        if (!type.ContainsGenericParameters && BelongsToBehaviour(type))
                        {
                            foreach (var method in Compilable(type))
                            {
                                RuntimeHelpers.PrepareMethod(method.MethodHandle);
                            }
                        }
                    }
                }
            }
        }
        // The first call reports what is wrong with a method.
        catch (Exception)
        {
        }
    }

    // Asynchronous callbacks and lambdas are nested types of it.
    private static bool BelongsToBehaviour(Type? type) =>
        type is not null && (typeof(Behaviour).IsAssignableFrom(type) || BelongsToBehaviour(type.DeclaringType));

    private static IEnumerable<MethodBase> Compilable(Type type) => type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared))
        .Where(method => !method.IsAbstract && !method.ContainsGenericParameters && !IsOfRecord(method)
            && (method.MethodImplementationFlags & Unmanaged) == 0 && (method.Attributes & MethodAttributes.PinvokeImpl) == 0);

    private static bool IsOfRecord(MethodBase method) =>
        method.Name is "ToString" or "PrintMembers" or "Equals" or "GetHashCode" or "op_Equality" or "op_Inequality" or "get_EqualityContract"
        && method.IsDefined(typeof(CompilerGeneratedAttribute));

    private const MethodImplAttributes Unmanaged = MethodImplAttributes.InternalCall | MethodImplAttributes.Runtime | MethodImplAttributes.Native;

    private static LoadRefusal.Faulty Refusal(LoadedVersion loaded, string at, Exception exception) => exception switch
    {
        MissingMethodException when at.StartsWith("The constructor", StringComparison.Ordinal) => new(
            loaded.Image.ToString(), $"{at["The constructor of ".Length..]} has no constructor without parameters.", "Add one; a process gets what it needs in Init."),
        TargetInvocationException or TypeInitializationException => new(
            loaded.Image.ToString(), $"{at} threw {Sentence(exception.InnerException ?? exception)}", "Fix it; the previous version stays current."),
        _ when at.StartsWith("The constructor", StringComparison.Ordinal) => new(
            loaded.Image.ToString(), $"{at} threw {Sentence(exception)}", "Fix it; the previous version stays current."),
        ReflectionTypeLoadException { LoaderExceptions: [{ } first, ..] } => new(
            loaded.Image.ToString(), Sentence(first), "Build the release again, with everything that it refers to."),
        _ => new(
            loaded.Image.ToString(), $"{at} cannot be compiled: {Sentence(exception)}", "Build the release again, against the versions that it ships."),
    };

    private static string Sentence(Exception exception) =>
        $"{exception.GetType().Name}: {exception.Message.TrimEnd('.', ' ')}.";
}
