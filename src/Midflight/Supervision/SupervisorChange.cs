using System.Collections.Immutable;

namespace Midflight;

/// <summary>What a change of code means for one supervisor: what its Init says in the other version, put in place, and taken back.</summary>
/// <remarks>
/// <para>An upgrade calls, for each supervisor whose module is updated:</para>
/// <code>
/// Plan                 any time                      runs Init of the other version; changes nothing
/// suspend
/// StopDropped          before the code flips         last child first, in the code that they run
/// flip the code, give the supervisor its new body    its state passes by reference, so this object stays good
/// StartAdded           after it                      new strategy, intensity and order; added children in order, in the new code
/// resume
/// </code>
/// <para>To take it back, from wherever it stands, and also when one of these failed:</para>
/// <code>
/// TakeBack             before the code flips back    stops what StartAdded started, puts the old specs back
/// flip back, give the supervisor its old body
/// BringBack            after it                      starts again, in order, what StopDropped stopped
/// resume
/// </code>
/// <para>
/// All but Plan want the supervisor suspended. Each is carried out by the supervisor itself, in its slice. One that has ended fails
/// them with a <see cref="CallFailedException"/>, which is nobody's failure: whoever starts it again does so in the current code.
/// </para>
/// <para>
/// Each fails so as well where it takes longer than <see cref="Patience"/>: a child that waits in its Init for a process which is
/// suspended may wait for ever. What was asked for goes on, and the steps that take it back wait for it in the supervisor's mailbox.
/// </para>
/// </remarks>
internal sealed class SupervisorChange
{
    /// <summary>How long a step may take, its children's stops and starts included: 60 s.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Pid _supervisor;

    // Null for a dynamic supervisor, which has no children by name.
    private readonly SupervisorSpec? _spec;
    private readonly DynamicSupervisorSpec? _dynamic;

    // All below: owner of the supervisor only, as it was before.
    private SupervisorSpec? _oldSpec;
    private DynamicSupervisorSpec? _oldDynamic;
    private List<(SupervisorChild Child, ChildSpec Spec)>? _oldChildren;
    private readonly List<SupervisorChild> _stopped = [];
    private readonly List<SupervisorChild> _started = [];

    private SupervisorChange(Pid supervisor, SupervisorSpec? spec, DynamicSupervisorSpec? dynamic, ImmutableArray<ChildSpec> added, ImmutableArray<string> dropped) =>
        (_supervisor, _spec, _dynamic, Added, Dropped) = (supervisor, spec, dynamic, added, dropped);

    /// <summary>Children that only the new Init names, in the order in which they start.</summary>
    internal ImmutableArray<ChildSpec> Added { get; }

    /// <summary>Ids of the children that only the old Init names, in the order in which they stop.</summary>
    internal ImmutableArray<string> Dropped { get; }

    /// <summary>Compares what Init says in another version with what it said before.</summary>
    /// <param name="supervisor">A supervisor or dynamic supervisor, suspended or not.</param>
    /// <param name="module">Its module in the version that it is to go to.</param>
    /// <exception cref="InvalidOperationException">Init of the other version is wrong: null, or two children with one id.</exception>
    /// <remarks>What that Init throws is thrown here.</remarks>
    internal static async ValueTask<SupervisorChange> Plan(Pid supervisor, Behaviour module) => (SupervisorChange)(await SupervisorStep.Ask(
        supervisor, cell => new(Of(cell, module)), Patience))!;

    /// <summary>The same for one who owns the supervisor.</summary>
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

        // Against what Init said, not what runs: a child that was added, deleted or ended since is nobody's change.
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

    /// <summary>Stops the children that the new Init does not name.</summary>
    internal async ValueTask StopDropped() => await SupervisorStep.Ask(_supervisor, OnStopDropped, Patience);

    /// <summary>Puts the new specs in place and starts the children that only they name.</summary>
    /// <exception cref="ChildRefusedException">One did not start. Go on with <see cref="TakeBack"/>.</exception>
    internal async ValueTask StartAdded() => await SupervisorStep.Ask(_supervisor, OnStartAdded, Patience);

    /// <summary>Stops the children that <see cref="StartAdded"/> started and puts the old specs back.</summary>
    internal async ValueTask TakeBack() => await SupervisorStep.Ask(_supervisor, OnTakeBack, Patience);

    /// <summary>Starts the children again that <see cref="StopDropped"/> stopped.</summary>
    /// <exception cref="ChildRefusedException">One did not start again; the others did.</exception>
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

        // Those of no Init, added since, stay behind the others.
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

    // The supervisor may have resumed since: who was added by hand stays, who was deleted stays away.
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
