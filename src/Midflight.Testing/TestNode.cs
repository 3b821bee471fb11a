using Midflight.Host;
using Midflight.Releases;

namespace Midflight.Testing;

/// <summary>A node for one test: its own processes and names, hot code, a clock that the test advances, and its log.</summary>
public sealed class TestNode : IAsyncDisposable
{
    /// <summary>Creates a node whose clock stands still.</summary>
    public TestNode()
    {
        Node = new Node(Log, Time);
        Code = new CodeServer(Node, Conversions.For);
    }

    /// <summary>The node.</summary>
    public Node Node { get; }

    /// <summary>The node's clock.</summary>
    public ManualTime Time { get; } = new();

    /// <summary>The node's log.</summary>
    public CapturedLog Log { get; } = new();

    internal CodeServer Code { get; }

    /// <summary>Runs the body of a test as a process of the node, and waits until it has ended.</summary>
    public Task Run(Func<Task> function) => Node.Run(function);

    /// <summary>Loads applications; the current version becomes old. An old version that is not in use is purged first.</summary>
    /// <exception cref="InvalidOperationException">They were not loaded; the message says why.</exception>
    public async Task Load(params ApplicationImage[] images) =>
        (await Code.Load(images, PurgeMethod.Soft).ConfigureAwait(false)).OrThrow();

    /// <summary>The current version of a module, by the full name of its type.</summary>
    /// <exception cref="InvalidOperationException">No loaded application has it.</exception>
    public Type Module(string name) => Code.FindModule(name)
        ?? throw new InvalidOperationException($"No loaded application has a module {name}. Load one, or correct the name.");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Node.DisposeAsync();
}
