using System.Collections.Immutable;

namespace Midflight;

/// <summary>A change of code for one supervisor: applies the result of the other version's Init, and can undo it.</summary>
/// <remarks>
/// <para>An upgrade calls, for each supervisor whose module is updated:</para>
/// <code>
/// Plan                 any time                      runs Init of the other version; changes nothing
/// suspend
/// StopDropped          before the code flips         last child first, in the code that the children run
/// flip the code, give the supervisor its new body    its state passes by reference, so this object stays valid
/// StartAdded           after the flip                new strategy, intensity and order; added children in order, in the new code
/// resume
/// </code>
/// <para>To undo it, at any point, and also when one of these failed:</para>
/// <code>
/// TakeBack             before the code flips back    stops what StartAdded started, restores the old specs
/// flip back, give the supervisor its old body
/// BringBack            after the flip back           starts again, in order, what StopDropped stopped
/// resume
/// </code>
/// <para>
/// All but Plan require the supervisor to be suspended. The supervisor itself carries out each step, in its slice. If it has ended, they fail
/// with a <see cref="CallFailedException"/>. That is not an error: whatever restarts the supervisor does so in the current code.
/// </para>
/// <para>
/// A step also fails with it if it takes longer than <see cref="Patience"/>: a child whose Init waits for a suspended
/// process may wait forever. The step itself continues, and the steps that undo it wait for it in the supervisor's mailbox.
/// </para>
/// </remarks>
internal sealed class SupervisorChange
{
    /// <summary>How long a step may take, including stops and starts of children: 60 s.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Pid _supervisor;

    // Null for a dynamic supervisor, whose children have no names.
    private readonly SupervisorSpec? _spec;
    private readonly DynamicSupervisorSpec? _dynamic;

    // All below belong to the supervisor's owner: the values from before.
    private SupervisorSpec? _oldSpec;
    private DynamicSupervisorSpec? _oldDynamic;
    private List<(SupervisorChild Child, ChildSpec Spec)>? _oldChildren;
    private readonly List<SupervisorChild> _stopped = [];
    private readonly List<SupervisorChild> _started = [];

    private SupervisorChange(Pid supervisor, SupervisorSpec? spec, DynamicSupervisorSpec? dynamic, ImmutableArray<ChildSpec> added, ImmutableArray<string> dropped) =>
        (_supervisor, _spec, _dynamic, Added, Dropped) = (supervisor, spec, dynamic, added, dropped);

    /// <summary>Children that only the new Init returns, in start order.</summary>
    internal ImmutableArray<ChildSpec> Added { get; }

    /// <summary>Ids of the children that only the old Init returned, in stop order.</summary>
    internal ImmutableArray<string> Dropped { get; }

    /// <summary>Compares the result of Init in another version with its earlier result.</summary>
    /// <param name="supervisor">A supervisor or dynamic supervisor, suspended or not.</param>
    /// <param name="module">Its module in the target version.</param>
    /// <exception cref="InvalidOperationException">Init of the other version is wrong: it returned null, or two children with the same id.</exception>
    /// <remarks>Exceptions of that Init are thrown here.</remarks>
    internal static async ValueTask<SupervisorChange> Plan(Pid supervisor, Behaviour module) => (SupervisorChange)(await SupervisorStep.Ask(
        supervisor, cell => new(Of(cell, module)), Patience))!;

    /// <summary>The same, for code that owns the supervisor.</summary>
    internal static SupervisorChange Of(Cell cell, Behaviour module) => module switch
    {
        Supervisor other => Of(cell, State<SupervisorState>(cell), other),
        DynamicSupervisor other => Of(cell, State<DynamicSupervisorState>(cell), other),
        _ => throw new ArgumentException($"{module.GetType().FullName} is not a supervisor.", nameof(module)),
    };

    private static SupervisorChange Of(Cell cell, SupervisorState state, Supervisor module)
    {
        var spec = module.OnInitSpec(Received(module, state.Argument));

        if (ReferenceEquals(spec, SupervisorSpec.Ignore))
        {
            return new(cell.Pid, null, null, [], []);
        }

        // Compared with the result of Init, not with what is running: a child added, deleted or ended since then is not part of the change.
        var before = state.Spec.Children.Select(child => child.Id).ToHashSet();
        var after = spec.Children.Select(child => child.Id).ToHashSet();
        return new(
            cell.Pid,
            spec,
            null,
            [.. spec.Children.Where(child => !before.Contains(child.Id) && state.Find(child.Id) is null)],
            [.. state.Children.Select(child => child.Spec.Id).Where(id => before.Contains(id) && !after.Contains(id)).Reverse()]);
    }

    private static SupervisorChange Of(Cell cell, DynamicSupervisorState state, DynamicSupervisor module)
    {
        var spec = module.OnInitSpec(Received(module, state.Argument));
        return new(cell.Pid, null, ReferenceEquals(spec, DynamicSupervisorSpec.Ignore) ? null : spec, [], []);
    }

    private static object? Received(Behaviour module, object? argument) =>
        Door.Into(CodeVersion.Of(module.GetType()), argument);

    /// <summary>Stops the children that the new Init does not return.</summary>
    internal async ValueTask StopDropped() => await SupervisorStep.Ask(_supervisor, OnStopDropped, Patience);

    /// <summary>Applies the new specs and starts the children that only they contain.</summary>
    /// <exception cref="ChildRefusedException">A child did not start. Continue with <see cref="TakeBack"/>.</exception>
    internal async ValueTask StartAdded() => await SupervisorStep.Ask(_supervisor, OnStartAdded, Patience);

    /// <summary>Stops the children that <see cref="StartAdded"/> started, and restores the old specs.</summary>
    internal async ValueTask TakeBack() => await SupervisorStep.Ask(_supervisor, OnTakeBack, Patience);

    /// <summary>Starts the children again that <see cref="StopDropped"/> stopped.</summary>
    /// <exception cref="ChildRefusedException">A child did not start again; the others did.</exception>
    internal async ValueTask BringBack() => await SupervisorStep.Ask(_supervisor, OnBringBack, Patience);

    internal async ValueTask<object?> OnStopDropped(Cell cell)
    {
        if (Dropped.IsEmpty)
        {
            return null;
        }

        var state = State<SupervisorState>(cell);

        foreach (var id in Dropped)
        {
            if (state.Find(id) is { Cell: not null } child)
            {
                _stopped.Insert(0, child);
                await Children.Stop(state, child);
            }
        }

        return null;
    }

    internal async ValueTask<object?> OnStartAdded(Cell cell)
    {
        if (_dynamic is not null)
        {
            var dynamic = State<DynamicSupervisorState>(cell);
            (_oldDynamic, dynamic.Spec) = (dynamic.Spec, _dynamic);
        }

        if (_spec is null)
        {
            return null;
        }

        var state = State<SupervisorState>(cell);
        var added = Swap(state, _spec);

        foreach (var child in added)
        {
            if (await Children.Start(state, child) is { } reason)
            {
                throw new ChildRefusedException(
                    ChildRefusal.StartFailed, $"{state.Module} did not start its new child '{child.Spec.Id}': {reason}", reason);
            }

            _started.Add(child);
        }

        return null;
    }

    private List<SupervisorChild> Swap(SupervisorState state, SupervisorSpec spec)
    {
        _oldSpec = state.Spec;
        _oldChildren = state.Children.ConvertAll(child => (child, child.Spec));
        var added = new List<SupervisorChild>();
        var children = new List<SupervisorChild>();

        foreach (var child in spec.Children)
        {
            if (state.Find(child.Id) is { } known)
            {
                known.Spec = child;
                children.Add(known);
            }
            else if (Added.Contains(child))
            {
                var one = new SupervisorChild(child);
                added.Add(one);
                children.Add(one);
            }
        }

        // Children that were added by hand come after the others.
        children.AddRange(state.Children.Where(child => !children.Contains(child) && !Dropped.Contains(child.Spec.Id)));
        (state.Spec, state.Children) = (spec, children);
        return added;
    }

    internal async ValueTask<object?> OnTakeBack(Cell cell)
    {
        if (_oldDynamic is not null)
        {
            State<DynamicSupervisorState>(cell).Spec = _oldDynamic;
            _oldDynamic = null;
        }

        if (_oldChildren is not { } old || _oldSpec is not { } spec)
        {
            return null;
        }

        var state = State<SupervisorState>(cell);

        for (var i = _started.Count - 1; i >= 0; i--)
        {
            await Children.Stop(state, _started[i]);
        }

        _started.Clear();
        old.ForEach(was => was.Child.Spec = was.Spec);
        (state.Spec, state.Children) = (spec, AsBefore(state.Children, [.. old.Select(was => was.Child)]));
        (_oldChildren, _oldSpec) = (null, null);
        return null;
    }

    // The supervisor may have resumed since then: a child added by hand stays, and one that was deleted stays deleted.
    private List<SupervisorChild> AsBefore(List<SupervisorChild> now, List<SupervisorChild> old)
    {
        var since = now.FindAll(child => !old.Contains(child) && !Added.Contains(child.Spec));
        return
        [
            .. old.Where(child => now.Contains(child) || (Dropped.Contains(child.Spec.Id) && !since.Exists(other => other.Spec.Id == child.Spec.Id))),
            .. since,
        ];
    }

    internal async ValueTask<object?> OnBringBack(Cell cell)
    {
        ChildRefusedException? failure = null;
        var state = State<SupervisorState>(cell);

        foreach (var child in _stopped.Where(state.Children.Contains))
        {
            if (await Children.Start(state, child) is { } reason)
            {
                failure ??= new(ChildRefusal.StartFailed, $"{state.Module} did not start its child '{child.Spec.Id}' again: {reason}", reason);
            }
        }

        _stopped.Clear();
        return failure is null ? null : throw failure;
    }

    private static TState State<TState>(Cell cell)
        where TState : class => cell.Body!.State as TState ?? throw new InvalidOperationException(
            $"Process {cell.Pid} runs {cell.Body.ModuleName}, whose state is not a {typeof(TState).Name}. Plan only supervisors, each with its own module.");
}
