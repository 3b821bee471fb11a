using System.Reflection;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>How far a code version is prepared before it is used.</summary>
internal enum Readiness
{
    /// <summary>Its initializers have run and its behaviours are made.</summary>
    Loaded,

    /// <summary>The methods are compiled as well.</summary>
    Compiled,
}

/// <summary>Compiles a code version before anyone runs it: a first call in compiled code is ten times quicker.</summary>
internal static class Compilation
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Static
        | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>Runs the module initializers, makes the behaviours and, if asked to, compiles the methods.</summary>
    /// <returns>What stops the version from running; null if nothing does.</returns>
    /// <remarks>
    /// An initializer is OTP's on_load: while it runs, the version before is still current, and if it throws that one stays.
    /// Generic code is compiled when it is first run, for the types that it is run with; so is what the compiler has written to show and
    /// to compare records, which takes longer than all the rest of many a module and mostly is not called.
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
        // Whatever is wrong with the code, it is this load's failure and nobody else's.
        catch (Exception exception)
        {
            return Refusal(loaded, at, exception);
        }
    }

    /// <summary>Begins to compile what the processes of a node that starts run first: its behaviours, on a thread of their own.</summary>
    /// <remarks>
    /// What is called before its turn is compiled by its caller, as ever. Stops where the version is current no more. Does nothing
    /// where there is but one processor.
    /// </remarks>
    internal static void Begin(IReadOnlyList<LoadedVersion> versions)
    {
        if (Environment.ProcessorCount > 1)
        {
#pragma warning disable RS0030 // It compiles code and runs none, and has ended before any is unloaded.
            new Thread(() => CompileBehaviours(versions)) { IsBackground = true, Name = "Midflight compiler" }.UnsafeStart();
#pragma warning restore RS0030
        }
    }

    private static void CompileBehaviours(IReadOnlyList<LoadedVersion> versions)
    {
        try
        {
            // Last first: what starts first is compiled where it is called.
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
        // The first call says what is wrong with a method.
        catch (Exception)
        {
        }
    }

    // Asynchronous callbacks and lambdas are types within it.
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
