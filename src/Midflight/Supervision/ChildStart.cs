namespace Midflight;

/// <summary>How a child is started: by name, so that its current version always starts.</summary>
internal abstract class ChildStart
{
    private ChildStart()
    {
    }

    internal abstract string Module { get; }

    /// <summary>Starts it, linked to the calling process. Owner of the supervisor only.</summary>
    /// <returns>Its pid; the pid of no process if Init returns Ignore.</returns>
    internal abstract ValueTask<Pid> Start(Cell supervisor, string? name, Via? via, StartOptions? options);

    /// <summary>Converts an argument of an older code version to the current one.</summary>
    internal abstract void Refresh();

    /// <summary>A behaviour.</summary>
    internal sealed class OfModule(ModuleName module, object? argument) : ChildStart
    {
        private object? _argument = argument;

        internal override string Module => module.FullName;

        // Init converts an argument of another version.
        internal override ValueTask<Pid> Start(Cell supervisor, string? name, Via? via, StartOptions? options) =>
            GenServer.Begin(supervisor.Node, module.Resolve(), _argument, name, supervisor, via, options);

        internal override void Refresh()
        {
            _argument = Door.Into(module.Application?.Current, _argument);
        }
    }

    /// <summary>A process function of code that is not hot.</summary>
    internal sealed class OfFunction(Next function) : ChildStart
    {
        internal override string Module => function.Function!.Method.DeclaringType!.FullName!;

        internal override ValueTask<Pid> Start(Cell supervisor, string? name, Via? via, StartOptions? options) => Begin(supervisor, function, name, via);

        internal override void Refresh()
        {
        }
    }

    /// <summary>A function that is never restarted and so is not kept: it may be a lambda of hot code.</summary>
    internal sealed class Once(Next function) : ChildStart
    {
        private Next? _function = function;

        internal override string Module { get; } = function.Function!.Method.DeclaringType!.FullName!;

        internal override ValueTask<Pid> Start(Cell supervisor, string? name, Via? via, StartOptions? options)
        {
            var once = _function ?? throw new InvalidOperationException($"A function of {Module} was started and cannot be restarted. Make it a temporary child.");
            _function = null;
            return Begin(supervisor, once, name, via);
        }

        internal override void Refresh()
        {
        }
    }

    /// <summary>A process function of hot code.</summary>
    internal sealed class OfHotFunction(ModuleName module, string function, string[] parameters, object?[] arguments) : ChildStart
    {
        internal override string Module => module.FullName;

        internal override ValueTask<Pid> Start(Cell supervisor, string? name, Via? via, StartOptions? options)
        {
            var current = CodeVersion.Of(module.Resolve())!;
            var method = current.Namesake(module.FullName, function, parameters);
            var types = method.GetParameters();
            var converted = arguments.Select((argument, i) => Door.Into(current, argument, types[i].ParameterType)).ToArray();
            return Begin(supervisor, Next.Create(method, converted), name, via);
        }

        internal override void Refresh()
        {
            if (module.Application?.Current is { } current)
            {
                var types = current.Namesake(module.FullName, function, parameters).GetParameters();

                for (var i = 0; i < arguments.Length; i++)
                {
                    arguments[i] = Door.Into(current, arguments[i], types[i].ParameterType);
                }
            }
        }
    }

    private static ValueTask<Pid> Begin(Cell supervisor, Next function, string? name, Via? via)
    {
        ExitReason? taken = null;
        var cell = Process.Start(
            function,
            supervisor,
            cell =>
            {
                taken = StartName.Take(cell, name, via);

                if (taken is not null)
                {
                    // Not scheduled yet: it ends before its first step.
                    supervisor.Links.Remove(cell);
                    cell.Links.Clear();
                    cell.Ending = ExitReason.Normal;
                }
            });

        return taken is not null
            ? ValueTask.FromException<Pid>(StartFailedException.Taken(function.Function!.Method.Name, taken))
            : new(cell.Pid);
    }
}
