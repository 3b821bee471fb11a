using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>What is purged is unloaded while no thread is about that may end.</summary>
[Collection(nameof(Alone))]
public sealed class HeldContextTests : IDisposable
{
    private ImmutableArray<string> _threads = ["worker"];

    public HeldContextTests() => (HeldContext.IsAtOnce, HeldContext.Threads) = (false, () => _threads);

    public void Dispose()
    {
        _threads = [];
        HeldContext.Sweep();
        HeldContext.Sweep();
        (HeldContext.IsAtOnce, HeldContext.Threads) = (true, EndingThreads.Alive);
    }

    [Fact]
    public void A_context_is_held_while_a_thread_may_end_and_unloaded_after_two_looks_that_find_none()
    {
        var (context, held) = Taken();
        HeldContext.Sweep();
        HeldContext.Sweep();
        Collect(context);
        Assert.True(held.IsHeld && context.IsAlive, "It was unloaded.");

        _threads = [];
        HeldContext.Sweep();
        Assert.True(held.IsHeld, "One look was enough.");
        _threads = ["worker"];
        HeldContext.Sweep();
        _threads = [];
        HeldContext.Sweep();
        Assert.True(held.IsHeld, "Two looks were enough that were not in a row.");

        HeldContext.Sweep();
        Assert.False(held.IsHeld);
        Collect(context);
        Assert.False(context.IsAlive, "It is still there.");
    }

    [Fact]
    public async Task A_purged_version_says_for_which_threads_it_waits_and_goes_when_they_have_ended()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("demo", "public class C;"));
        await node.Load(Compile.Application("demo", "public class D;", "0.2.0"));
        var purged = Assert.Single((await node.Code.Purge("demo", PurgeMethod.Soft)).Versions);

        Assert.StartsWith(
            "demo 0.1.0 (#1) is still in memory. It waits for threads that may have run it to end (worker): .NET corrupts memory if one ends after its code is unloaded.",
            purged.Prove(node.Node).ToString(), StringComparison.Ordinal);

        _threads = [];
        Assert.Equal("demo 0.1.0 (#1) is unloaded.", purged.Prove(node.Node).ToString());
    }

    [Fact]
    public void A_thread_of_an_application_is_named_while_it_lives()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.NotEmpty(EndingThreads.Alive());
            return;
        }

        using var ends = new ManualResetEventSlim();
        using var lives = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            lives.Set();
            ends.Wait();
        })
        { Name = "of its own" };
        thread.Start();
        lives.Wait();
        Assert.Contains("of its own", EndingThreads.Alive());
        ends.Set();
        thread.Join();

        // The kernel may take a moment longer than the runtime.
        Assert.True(SpinWait.SpinUntil(() => !EndingThreads.Alive().Contains("of its own"), TimeSpan.FromMinutes(1)));
        Assert.DoesNotContain("Midflight watch", EndingThreads.Alive());
    }

    [Fact]
    public void No_thread_that_converts_values_is_waited_for()
    {
        const string Now = "public record State(int Count) { [Convert] static State From(int old) => new(old); }";
        Assert.Equal(5, Conversions.Versions.Cross("", "5", Now, "State it => it.Count"));

        Assert.DoesNotContain(EndingThreads.Alive(), name => name.StartsWith("Midflight conv", StringComparison.Ordinal) || name.StartsWith("Midflight deep", StringComparison.Ordinal));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (WeakReference Context, HeldContext Held) Taken()
    {
        var context = new AssemblyLoadContext("held", isCollectible: true);
        return (new(context), HeldContext.Take(context));
    }

    private static void Collect(WeakReference reference)
    {
        for (var i = 0; i < 10 && reference.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }
}
