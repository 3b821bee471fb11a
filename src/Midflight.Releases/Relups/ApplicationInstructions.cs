using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Turns instructions for applications into instructions for their modules.</summary>
internal static class ApplicationInstructions
{
    public static ImmutableArray<Instruction> Expand(
        IReadOnlyList<Instruction> instructions, ImmutableArray<ReleasedApplication> to, ImmutableArray<ReleasedApplication> from) =>
    [
        .. instructions.SelectMany(instruction => instruction switch
        {
            HighLevel.AddApplication(var name, var type) => Add(Find(to, name), type),
            HighLevel.RemoveApplication(var name) when to.Any(application => application.Spec.Name == name) =>
                throw new ScriptRefusedException(new ScriptProblem.RemovedApplicationPresent(name)),
            HighLevel.RemoveApplication(var name) =>
                [.. Remove(Find(from, name)), Apply(new ApplicationCall.Unload { Application = name })],
            HighLevel.RestartApplication(var name) => Restart(Find(from, name), Find(to, name)),
            _ => [instruction],
        }),
    ];

    private static IEnumerable<Instruction> Restart(ReleasedApplication old, ReleasedApplication current) =>
        [.. Remove(old), .. Add(current, current.Type)];

    private static IEnumerable<Instruction> Add(ReleasedApplication application, StartType type) =>
    [
        .. Modules(application).Select(module => new HighLevel.AddModule(module)),
        .. type switch
        {
            StartType.None => Array.Empty<Instruction>(),
            StartType.Load => [Apply(new ApplicationCall.Load { Application = application.Spec.Name })],
            _ => [Apply(new ApplicationCall.Start(type) { Application = application.Spec.Name })],
        },
    ];

    private static IEnumerable<Instruction> Remove(ReleasedApplication application) =>
    [
        Apply(new ApplicationCall.Stop { Application = application.Spec.Name }),
        .. Modules(application).Select(module => new LowLevel.Remove(module)),
        new LowLevel.Purge([.. Modules(application)]),
    ];

    private static LowLevel.Apply Apply(ApplicationCall call) => new(call.ToCall());

    private static IEnumerable<string> Modules(ReleasedApplication application) =>
        application.Spec.Modules.Select(module => module.Name);

    private static ReleasedApplication Find(ImmutableArray<ReleasedApplication> applications, string name) =>
        applications.FirstOrDefault(application => application.Spec.Name == name)
        ?? throw new ScriptRefusedException(new ScriptProblem.NoSuchApplication(name));
}
