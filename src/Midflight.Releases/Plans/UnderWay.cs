using System.Collections.Immutable;

namespace Midflight.Releases.Plans;

/// <summary>Which processes may have messages under way that the code gone to does not understand: these stop before it becomes current, senders first.</summary>
/// <remarks>
/// A type of message that is gone, or that cannot be converted, may be in a mailbox or be sent by a callback that ends in old code. What is a message no
/// metadata tells; so every type of values counts that code of a module mentions, and every module which uses such a one, however far.
/// </remarks>
internal sealed class UnderWay
{
    private readonly Dictionary<string, string> _reasons = [];
    private readonly bool _all;

    /// <param name="from">The release that is left.</param>
    /// <param name="code">Its code.</param>
    /// <param name="rules">What can be converted to the release gone to.</param>
    /// <param name="after">The types of the release gone to.</param>
    /// <param name="all">Whether all processes are to stop, whatever is under way.</param>
    internal UnderWay(ReleaseImage from, CodeSet code, ShapeRules rules, ShapeCatalog after, bool all)
    {
        _all = all;
        var modules = from.Applications.SelectMany(application => application.Assemblies).SelectMany(assembly => code.Modules(assembly.Name)).ToList();
        var run = modules.Where(module => module.Kind != ModuleKind.Other && !module.IsAbstract).ToList();
        var names = run.Select(module => module.Name).ToHashSet();
        var gone = from.Applications.SelectMany(application => application.Assemblies).SelectMany(assembly => assembly.Shapes.Shapes)
            .Where(shape => IsValue(shape) && !names.Contains(shape.Name) && !IsUnderstood(shape, rules, after))
            .GroupBy(shape => shape.Name.Split('+')[0], shape => shape.ToString())
            // What is written in a module that is gone as a whole goes with its processes.
            .Where(outer => !names.Contains(outer.Key) || after.Find(outer.Key) is not null)
            .ToDictionary(outer => outer.Key, outer => outer.First());

        if (gone.Count == 0)
        {
            return;
        }

        var users = run.SelectMany(module => module.Uses.Select(used => (used, module.Name))).ToLookup(pair => pair.used, pair => pair.Name);
        var open = new Stack<string>();

        foreach (var module in run)
        {
            if (module.Mentions.FirstOrDefault(gone.ContainsKey) is { } type)
            {
                _reasons.Add(module.Name, $"a {gone[type]} may be in a mailbox, and the other release does not understand it");
                open.Push(module.Name);
            }
        }

        while (open.TryPop(out var used))
        {
            foreach (var user in users[used].Where(user => !_reasons.ContainsKey(user)))
            {
                _reasons.Add(user, $"it uses {used}, and {_reasons[used]}");
                open.Push(user);
            }
        }
    }

    /// <summary>Why the processes of a module stop; null where they need not.</summary>
    internal string? Reason(string module) => _all ? "all are told to" : _reasons.GetValueOrDefault(module);

    private static bool IsValue(Shape shape) => shape.Kind is ShapeKind.Class or ShapeKind.Struct or ShapeKind.Enum
        && !shape.IsGenerated && !shape.IsAbstract && shape.EarlierOf is null && !shape.Name.Contains('<', StringComparison.Ordinal);

    private static bool IsUnderstood(Shape shape, ShapeRules rules, ShapeCatalog after) =>
        after.Find(shape.Name) is null
            ? after.EarlierShapes(shape.Name).Any()
            : shape.Parameters > 0 || ConversionPlan.Of(rules, shape.Type, shape.Type).Refusals.IsEmpty;
}
