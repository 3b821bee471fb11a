using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>The result of a supervisor's Init: its children and how it treats them.</summary>
/// <param name="Strategy">Which children are restarted when one ends.</param>
/// <param name="Children">In start order; they stop in reverse.</param>
[method: MethodImpl(Inlining.NotIntoHotCode)]
public sealed record SupervisorSpec(Strategy Strategy, IReadOnlyList<ChildSpec> Children)
{
    /// <summary>In start order; they stop in reverse.</summary>
    // A copy, because the list behind a collection expression is a type of the hot assembly that contains it.
    public IReadOnlyList<ChildSpec> Children { get; init => field = value.ToArray(); } = Children.ToArray();

    /// <summary>How many restarts are tolerated. Default: <see cref="RestartIntensity.Default"/>, 1 within 5 s.</summary>
    public RestartIntensity Intensity { get; init; } = RestartIntensity.Default;

    /// <summary>Whether it ends when its significant children have ended. Default: <see cref="AutoShutdown.Never"/>.</summary>
    public AutoShutdown AutoShutdown { get; init; }

    /// <summary>The supervisor does not start, and this is not a failure. In a change of code: the supervisor stays as it was.</summary>
    public static SupervisorSpec Ignore { get; } = new(Strategy.OneForOne, []);

    /// <exception cref="InvalidOperationException">Two children have the same id, or one is significant but cannot be.</exception>
    internal void Check(string supervisor)
    {
        var ids = new HashSet<string>();

        foreach (var child in Children)
        {
            if (!ids.Add(child.Id))
            {
                throw new InvalidOperationException(
                    $"{supervisor} has two children with the id '{child.Id}'. Give one of them another: `Child.Of<…>() with {{ Id = \"…\" }}`.");
            }

            if (SignificantChild.Refuse(supervisor, AutoShutdown, child) is { } sentence)
            {
                throw new InvalidOperationException(sentence);
            }
        }
    }
}
