using System.Collections.Immutable;

namespace Midflight.Releases;

/// <summary>Which module depends on which, and so the order of their instructions.</summary>
/// <param name="ties">The order where dependencies leave it open. A module that is not listed keeps the place of its instruction.</param>
internal sealed class DependencyGraph(ImmutableArray<string> ties)
{
    private readonly List<Vertex> _vertices = [];
    private readonly Dictionary<string, Vertex> _byModule = [];
    private readonly Dictionary<string, int> _ties = ties.Select((module, place) => (module, place))
        .DistinctBy(item => item.module).ToDictionary(item => item.module, item => item.place);

    public void Add(string module, Instruction instruction)
    {
        var vertex = new Vertex(module, instruction, _vertices.Count);
        if (!_byModule.TryAdd(module, vertex))
        {
            throw new ScriptRefusedException(new ScriptProblem.ModuleTwice(module));
        }

        _vertices.Add(vertex);
    }

    public void Connect(string module, ImmutableArray<string> dependsOn)
    {
        var dependent = _byModule[module];
        foreach (var name in dependsOn)
        {
            if (!_byModule.TryGetValue(name, out var other))
            {
                throw new ScriptRefusedException(new ScriptProblem.UndefinedModule(name, module));
            }

            dependent.DependsOn.Add(other);
            other.DependedOnBy.Add(dependent);
        }
    }

    /// <summary>
    /// The instructions of all modules connected to a module, dependents first. Modules that depend on each other in
    /// a circle stay together, in the order of their instructions.
    /// </summary>
    public ImmutableArray<Instruction> ComponentOf(string module)
    {
        var component = Reach(_byModule[module]);
        var circles = Circles.Find(component);
        var waiting = new PriorityQueue<Circle, (int, int)>();
        foreach (var circle in circles)
        {
            circle.Waits = circle.Vertices.SelectMany(vertex => vertex.DependedOnBy).Count(vertex => vertex.Circle != circle);
            if (circle.Waits == 0)
            {
                waiting.Enqueue(circle, Place(circle));
            }
        }

        var ordered = ImmutableArray.CreateBuilder<Instruction>(component.Count);
        while (waiting.TryDequeue(out var circle, out _))
        {
            ordered.AddRange(circle.Vertices.OrderBy(vertex => vertex.Number).Select(vertex => vertex.Instruction));
            foreach (var vertex in circle.Vertices.SelectMany(vertex => vertex.DependsOn).Where(vertex => vertex.Circle != circle))
            {
                if (--vertex.Circle!.Waits == 0)
                {
                    waiting.Enqueue(vertex.Circle, Place(vertex.Circle));
                }
            }
        }

        return ordered.ToImmutable();
    }

    private (int Tie, int Number) Place(Circle circle) => (
        circle.Vertices.Min(vertex => _ties.GetValueOrDefault(vertex.Module, int.MaxValue)),
        circle.Vertices.Min(vertex => vertex.Number));

    private static List<Vertex> Reach(Vertex start)
    {
        var reached = new HashSet<Vertex> { start };
        var next = new Queue<Vertex>([start]);
        while (next.TryDequeue(out var vertex))
        {
            foreach (var neighbour in vertex.DependsOn.Concat(vertex.DependedOnBy))
            {
                if (reached.Add(neighbour))
                {
                    next.Enqueue(neighbour);
                }
            }
        }

        return [.. reached];
    }
}

/// <summary>A module in a <see cref="DependencyGraph"/>.</summary>
internal sealed class Vertex(string module, Instruction instruction, int number)
{
    public string Module { get; } = module;

    public Instruction Instruction { get; } = instruction;

    /// <summary>The position of its instruction.</summary>
    public int Number { get; } = number;

    public List<Vertex> DependsOn { get; } = [];

    public List<Vertex> DependedOnBy { get; } = [];

    /// <summary>The circle that it belongs to, once that is known.</summary>
    public Circle? Circle { get; set; }
}

/// <summary>Modules that depend on each other in a circle; usually a single one.</summary>
internal sealed class Circle(List<Vertex> vertices)
{
    public List<Vertex> Vertices { get; } = vertices;

    /// <summary>Dependencies on it from modules that have not come yet.</summary>
    public int Waits { get; set; }
}
