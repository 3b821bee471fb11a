namespace Midflight.Releases;

/// <summary>Finds modules that depend on each other in a circle: Tarjan's strongly connected components, without recursion.</summary>
internal sealed class Circles
{
    private readonly Dictionary<Vertex, (int Index, int Low)> _seen = [];
    private readonly Stack<Vertex> _open = new();
    private readonly List<Circle> _found = [];

    /// <summary>Puts every vertex into exactly one circle, and tells the vertex which.</summary>
    public static List<Circle> Find(IEnumerable<Vertex> vertices)
    {
        var circles = new Circles();
        foreach (var vertex in vertices)
        {
            if (!circles._seen.ContainsKey(vertex))
            {
                circles.Walk(vertex);
            }
        }

        return circles._found;
    }

    private void Walk(Vertex start)
    {
        var path = new Stack<(Vertex Vertex, int Next)>();
        Enter(start);
        while (path.TryPop(out var step))
        {
            var (vertex, next) = step;
            if (next < vertex.DependsOn.Count)
            {
                path.Push((vertex, next + 1));
                Look(vertex, vertex.DependsOn[next]);
            }
            else
            {
                Leave(vertex);
                if (path.TryPeek(out var before))
                {
                    Lower(before.Vertex, _seen[vertex].Low);
                }
            }
        }

        void Enter(Vertex vertex)
        {
            _seen[vertex] = (_seen.Count, _seen.Count);
            _open.Push(vertex);
            path.Push((vertex, 0));
        }

        void Look(Vertex vertex, Vertex other)
        {
            if (!_seen.TryGetValue(other, out var known))
            {
                Enter(other);
            }
            else if (other.Circle is null)
            {
                Lower(vertex, known.Index);
            }
        }
    }

    private void Lower(Vertex vertex, int low)
    {
        var (index, known) = _seen[vertex];
        _seen[vertex] = (index, Math.Min(known, low));
    }

    private void Leave(Vertex vertex)
    {
        var (index, low) = _seen[vertex];
        if (index != low)
        {
            return;
        }

        var circle = new Circle([]);
        Vertex member;
        do
        {
            member = _open.Pop();
            member.Circle = circle;
            circle.Vertices.Add(member);
        }
        while (member != vertex);

        _found.Add(circle);
    }
}
