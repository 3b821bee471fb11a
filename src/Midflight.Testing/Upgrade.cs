using System.Linq.Expressions;
using Midflight.Host;
using Midflight.Releases.Packages;
using Midflight.Releases.Plans;

namespace Midflight.Testing;

/// <summary>An upgrade in a test: the old release runs in a node of its own, is upgraded to the new one and downgraded again, as in production.</summary>
/// <example>
/// <code>
/// await using var upgrade = await Upgrade.From(HotRelease.At("chat-0.1.0.tar.gz")).To(HotRelease.Of&lt;ChatApplication&gt;());
/// await upgrade.Call(() => Rooms.Enter("lobby", "anna"));
/// await upgrade.Up();
/// Assert.Equal(["anna"], await upgrade.Call(() => Rooms.Names("lobby")));
/// </code>
/// </example>
/// <remarks>
/// It runs the whole transaction: plan, rehearsal on the live states, switch, commit. Processes, supervisors and sockets are real; the clock is
/// the test's. It writes only to a temporary folder, which is deleted with it.
/// </remarks>
public sealed class Upgrade : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly ReleaseLayout _layout;
    private readonly HostedNode _hosted;
    private readonly ReleaseHandler _releases;
    private readonly string _old;
    private readonly string _new;

    private Upgrade(ReleaseLayout layout, HostedNode hosted, UpgradePlan plan, ManualTime time, CapturedLog log)
    {
        (_layout, _hosted, Plan, Time, Log) = (layout, hosted, plan, time, log);
        (_old, _new) = (plan.From, plan.To);
        _releases = new ReleaseHandler(hosted.Node, hosted.Code, layout, hosted.Name, hosted.Version);
    }

    /// <summary>What the upgrade will do, and its verdict.</summary>
    public UpgradePlan Plan { get; }

    /// <summary>The node.</summary>
    public Node Node => _hosted.Node;

    /// <summary>The node's clock.</summary>
    public ManualTime Time { get; }

    /// <summary>The node's log.</summary>
    public CapturedLog Log { get; }

    internal CodeServer Code => _hosted.Code;

    /// <summary>The running version.</summary>
    public string Running => _releases.Running;

    /// <summary>Sets the release that runs first.</summary>
    public static Start From(HotRelease old)
    {
        ArgumentNullException.ThrowIfNull(old);
        return new(old);
    }

    /// <summary>Upgrades the node to the new release, and commits it.</summary>
    /// <returns>A report of the upgrade.</returns>
    /// <exception cref="ReleaseRefusedException">It cannot be done in flight; the message says why.</exception>
    /// <exception cref="UpgradeFailedException">It failed and was rolled back.</exception>
    public Task<UpgradeReport> Up() => _releases.Install(_new, InstallSettings.Default);

    /// <summary>Downgrades the node to the old release, and commits it.</summary>
    /// <inheritdoc cref="Up"/>
    public Task<UpgradeReport> Down() => _releases.Install(_old, InstallSettings.Default);

    /// <summary>Calls a function of the running code, in a process of the node.</summary>
    /// <param name="call">
    /// A single call of a public static function of hot code. It is looked up by its names and parameter types in the running version,
    /// so that version must have it too.
    /// </param>
    /// <returns>Its result: a value of .NET or of a package. It must not be of hot code, whose types differ in each version.</returns>
    /// <exception cref="ArgumentException">It is not such a call, or an argument has a type of hot code.</exception>
    /// <exception cref="InvalidOperationException">The running version has no such function, or it returned a value of hot code.</exception>
    public async Task<T> Call<T>(Expression<Func<ValueTask<T>>> call) => Checked<T>(await HotCall.Of(call).Run(_hosted).ConfigureAwait(false));

    /// <inheritdoc cref="Call{T}(Expression{Func{ValueTask{T}}})"/>
    public async Task<T> Call<T>(Expression<Func<Task<T>>> call) => Checked<T>(await HotCall.Of(call).Run(_hosted).ConfigureAwait(false));

    /// <inheritdoc cref="Call{T}(Expression{Func{ValueTask{T}}})"/>
    public async Task<T> Call<T>(Expression<Func<T>> call) => Checked<T>(await HotCall.Of(call).Run(_hosted).ConfigureAwait(false));

    /// <inheritdoc cref="Call{T}(Expression{Func{ValueTask{T}}})"/>
    public Task Call(Expression<Func<ValueTask>> call) => HotCall.Of(call).Run(_hosted);

    /// <inheritdoc cref="Call{T}(Expression{Func{ValueTask{T}}})"/>
    public Task Call(Expression<Action> call) => HotCall.Of(call).Run(_hosted);

    /// <summary>Runs the body of a test as a process of the node, and waits until it has ended.</summary>
    public Task Run(Func<Task> function) => Node.Run(function);

    /// <summary>Stops the applications and the node. Kills what has not ended within 5 s of real time, because the test's clock stands still.</summary>
    public async ValueTask DisposeAsync()
    {
        _releases.Dispose();
        var stopping = _hosted.DisposeAsync().AsTask();

        try
        {
            await stopping.WaitAsync(s_patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Node.Kill();
            await stopping.ConfigureAwait(false);
        }

        Directory.Delete(_layout.Root, recursive: true);
    }

    private static T Checked<T>(object? value) => value is T or null
        ? (T)value!
        : throw new InvalidOperationException(
            $"The function returned a {value.GetType()} of the hot code, which is not the test's type. Let it return .NET types: a number, a string, a list of them.");

    /// <summary>An upgrade for which the first release is known.</summary>
    public sealed class Start
    {
        private readonly HotRelease _old;

        internal Start(HotRelease old) => _old = old;

        /// <summary>Starts the first release with all its applications, and places the release to upgrade to beside it.</summary>
        /// <exception cref="BootFailedException">The first release does not start.</exception>
        /// <exception cref="InvalidOperationException">One of them is not a release, or their names differ.</exception>
        public Task<Upgrade> To(HotRelease @new)
        {
            ArgumentNullException.ThrowIfNull(@new);
            return To(@new, startsNew: false);
        }

        /// <summary>The same, where the new release may be the one that runs first.</summary>
        internal async Task<Upgrade> To(HotRelease @new, bool startsNew)
        {
            var layout = new ReleaseLayout(Directory.CreateTempSubdirectory("midflight-upgrade-").FullName);

            try
            {
                return await Begin(layout, @new, startsNew).ConfigureAwait(false);
            }
            catch
            {
                Directory.Delete(layout.Root, recursive: true);
                throw;
            }
        }

        private async Task<Upgrade> Begin(ReleaseLayout layout, HotRelease to, bool startsNew)
        {
            Directory.CreateDirectory(layout.Run);
            var old = _old.Write(layout, []);
            var now = to.Write(layout, [old.Version]);

            if (old.Name != now.Name)
            {
                throw new InvalidOperationException($"{_old} is a release of {old.Name}, and {to} is one of {now.Name}. Give both the same name.");
            }

            var (first, other) = startsNew ? (now, old) : (old, now);
            ReleasesFile.Write(layout, [new(other.Name, other.Version, ReleaseStatus.Unpacked), new(first.Name, first.Version, ReleaseStatus.Permanent)]);
            StartFile.Of(first).Write(layout);
            var plan = UpgradePlanner.Plan(ReleaseImage.Read(layout, old.Name, old.Version), ReleaseImage.Read(layout, now.Name, now.Version));
            var (time, log) = (new ManualTime(), new CapturedLog());
            return new(layout, await HostedNode.Start(layout, first.Version, log, time).ConfigureAwait(false), plan, time, log);
        }
    }
}
