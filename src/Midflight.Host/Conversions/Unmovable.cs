using System.Runtime.CompilerServices;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Values that are bound to the code that runs them, and so cannot move into other code.</summary>
internal static class Unmovable
{
    /// <summary>Why a thread cannot move.</summary>
    public static ConversionRefusal Thread { get; } = new("Thread", null, "is a thread, whose code cannot change while it runs", "Run a process instead.");

    /// <summary>Why values of a type of another version cannot move, or null.</summary>
    public static ConversionRefusal? Find(Type type)
    {
        if (LoadedTypes.IsHot(type) && type.Name.StartsWith('<') && !IsValue(type))
        {
            return Generated(type);
        }

        return type.IsAssignableTo(typeof(ProcessTaskBox))
                ? new("Task", null, $"is a task{Runner(type)}, which will end in the old version", "Await it before the code changes, or hold its result.")
            : type.IsAssignableTo(typeof(Job))
                ? new(LoadedTypes.Say(type), null, "is a job, whose result belongs to the old version", "Await it before the code changes, or let it send its result.")
            : type.IsAssignableTo(typeof(System.Collections.IEnumerator)) && !LoadedTypes.IsHot(type)
                ? new(LoadedTypes.Say(type), null, "is an enumerator", "Hold the collection instead.")
            : null;
    }

    /// <summary>The method that a lambda, iterator or async method was written in: <c>Octochat.Echo.Handle</c>.</summary>
    public static string Origin(Type generated)
    {
        var outer = generated;

        while (outer.Name.StartsWith('<') && outer.DeclaringType is not null)
        {
            outer = outer.DeclaringType;
        }

        var name = generated.Name;
        var end = name.IndexOf('>', StringComparison.Ordinal);
        return end > 1 ? $"{LoadedTypes.Say(outer)}.{name[1..end]}" : LoadedTypes.Say(outer);
    }

    // Anonymous types, and the read-only lists that collection expressions become, are the compiler's too; but they hold values.
    private static bool IsValue(Type type) => type.Name.Contains("AnonymousType", StringComparison.Ordinal) || IsList(type) || IsBuffer(type);

    /// <summary>Whether the compiler made it for a collection expression in a place such as <c>IReadOnlyList</c>.</summary>
    public static bool IsList(Type type) => type.Name.StartsWith("<>z__ReadOnly", StringComparison.Ordinal);

    /// <summary>Whether the compiler made it for a <c>fixed</c> buffer of a struct.</summary>
    public static bool IsBuffer(Type type) => type.Name.EndsWith(">e__FixedBuffer", StringComparison.Ordinal);

    private static ConversionRefusal Generated(Type type) =>
        type.IsAssignableTo(typeof(IAsyncStateMachine))
            ? new(Origin(type), null, "is an async method that has not ended", "Await it before the code changes.")
        : type.IsAssignableTo(typeof(System.Collections.IEnumerable)) || type.IsAssignableTo(typeof(System.Collections.IEnumerator))
            ? new(Origin(type), null, "is an iterator that has not ended", "Hold a list of its elements instead.")
        : new(Origin(type), null, "holds the variables of a lambda", "Use a named method and a type of your own instead.");

    /// <summary>The method whose end a task is, as the end of a sentence; empty where it is none's of hot code.</summary>
    public static string Runner(Type type) =>
        type.GetGenericArguments().FirstOrDefault(argument => argument.IsAssignableTo(typeof(IAsyncStateMachine))) is { } machine
            ? $" of {Origin(machine)}"
            : "";
}
