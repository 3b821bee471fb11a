using Microsoft.CodeAnalysis;

namespace Midflight.Analyzers;

/// <summary>Each rule, with its number and message. Its page in docs/analyzers explains more.</summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor MutableStatic = Rule(
        "MF0001",
        "A static that changes in hot code",
        "'{0}' is static and changes. The next code version starts with its own static, and this value is lost. Keep it in the state of a process, in a Table or in a PersistentValue.");

    public static readonly DiagnosticDescriptor ModuleField = Rule(
        "MF0002",
        "A field of a module that changes",
        "'{0}' belongs to {1}, which has one instance for all its processes in a code version. They would share its value, and an upgrade loses it. Put it into the state.");

    public static readonly DiagnosticDescriptor AsyncVoid = Rule(
        "MF0003",
        "async void in hot code",
        "'{0}' is async void. Nothing waits for it, so an upgrade cannot know when it has left the old code, and an exception in it ends the node. Return a ValueTask and await it, or spawn a process.");

    public static readonly DiagnosticDescriptor OwnWork = Rule(
        "MF0004",
        "A thread, timer or task of your own in hot code",
        "{0} runs this code beside the processes. An upgrade cannot move it, and it keeps the old code in memory. {1}");

    public static readonly DiagnosticDescriptor Uncrossable = Rule(
        "MF0005",
        "A member of a state or message that cannot move to another code version",
        "'{0}' is part of a state or message and holds {1}, which cannot move to new code. {2}");

    public static readonly DiagnosticDescriptor Blocking = Rule(
        "MF0006",
        "A handler that blocks its thread",
        "'{0}' blocks the thread of this process. It cannot be upgraded, stopped or killed meanwhile, and other processes wait for the thread. {1}");

    public static readonly DiagnosticDescriptor Convert = Rule(
        "MF0007",
        "A [Convert] that is never called",
        "'{0}' is marked [Convert] but {1}, so no upgrade calls it. Write `[Convert] private static New From(Old old) => …;`.");

    public static readonly DiagnosticDescriptor Shape = Rule(
        "MF0008",
        "A [Shape] without a conversion",
        "'{0}' is an earlier shape of {1}, but no [Convert] takes or returns it, so no upgrade uses it. Write `[Convert] private static {1} From({0} old) => …;`, or remove the shape.");

    public static readonly DiagnosticDescriptor CallInInit = Rule(
        "MF0009",
        "A call in Init",
        "'{0}' calls another process while this one starts. Its supervisor waits for Init, so a call to the supervisor or to a later child never gets an answer. Return the state `.Continue(…)` and call in HandleContinueAsync.",
        DiagnosticSeverity.Info);

    public static readonly DiagnosticDescriptor CallToItself = Rule(
        "MF0010",
        "A call to itself",
        "'{0}' calls the process that it runs in, which cannot answer before this callback has ended. Call the function directly, or cast.");

    public static readonly DiagnosticDescriptor Serializer = Rule(
        "MF0011",
        "A serializer that keeps hot types",
        "'{0}' caches the type {1} in options that the whole node shares, which keep its code version in memory until something clears them. {2}");

    // No help link: the pages have no address yet that every reader can open.
    private static DiagnosticDescriptor Rule(string id, string title, string message, DiagnosticSeverity severity = DiagnosticSeverity.Warning) =>
#pragma warning disable RS1032 // Messages have more than one sentence: what is wrong, and what to do.
        new(id, title, message, "Midflight", severity, isEnabledByDefault: true, description: $"See docs/analyzers/{id}.md in the package Midflight.");
#pragma warning restore RS1032
}
