using System.Diagnostics;
using System.Globalization;
using Midflight.Releases;
using Midflight.Testing;

namespace Midflight.Host.Tests.Soak;

/// <summary>Switches a node under load up and down again and again: the program that a fault of memory would end.</summary>
/// <remarks>
/// It runs in a process of its own: <c>dotnet Midflight.Host.Tests.dll switches --count 2000 --keys 10000</c>. The settings of the collector come by the
/// environment (<c>DOTNET_HeapVerify</c>, <c>DOTNET_gcServer</c>, <c>DOTNET_gcConcurrent</c>, <c>DOTNET_GCgen0size</c>).
/// </remarks>
internal static class ManySwitches
{
    // Half of the types go over by shape, half by written conversions; collections nest, and every value is looked at after each switch.
    private const string Source = """
        public enum Kind { Text, Items, Fields }
        public record struct Stamp(long At, Kind Kind);

        public abstract record Value(long Age, Stamp Stamp);
        VALUES

        public sealed record Keys(ImmutableArray<ImmutableDictionary<string, Value>> Shards, Dictionary<Stamp, List<Value[]>> Nested, long Commands)
        {
            public Keys Put(string key, Value value)
            {
                var shard = (int)((uint)key.GetHashCode() % Shards.Length);
                return this with { Shards = Shards.SetItem(shard, Shards[shard].SetItem(key, value)), Commands = Commands + 1 };
            }

            public long Sum() => Shards.SelectMany(shard => shard.Values).Sum(Of) + Nested.Sum(pair => pair.Key.At + pair.Value.SelectMany(values => values).Sum(Of));

            public static long Of(Value value) => value.Stamp.At + (value switch
            {
                Text text => text.Bytes.Length + text.Note.Length,
                Items items => items.All.Sum(item => item.Stamp.At + item.Bytes.Length),
                Fields fields => fields.All.Sum(field => field.Key.Length + Of(field.Value)),
                _ => throw new InvalidOperationException(value.GetType().FullName),
            });
        }

        public sealed class Keyspace : GenServer<Keys>
        {
            public static async Task<Pid> Begin(int keys) => await Start<Keyspace>(keys);

            protected override Started<Keys> Init(object? argument)
            {
                var keys = new Keys([.. Enumerable.Repeat(ImmutableDictionary<string, Value>.Empty, 8)], [], 0);

                for (var i = 0; i < (int)argument!; i++)
                {
                    keys = keys.Put($"key {i}", Made.Value(i));
                }

                for (var i = 0; i < 10; i++)
                {
                    keys.Nested.Add(new Stamp(i, (Kind)(i % 3)), [.. Enumerable.Range(0, 3).Select(n => new[] { Made.Value(n), Made.Value(n + 1) })]);
                }

                return keys;
            }

            protected override Answer<Keys> HandleCall(object request, Keys keys) => request switch
            {
                "sum" => Reply(keys.Sum(), keys),
                int key => Reply(RELEASE, keys.Put($"key {key}", Made.Value(key))),
                _ => base.HandleCall(request, keys),
            };
        }

        public static class Made
        {
            // What LINQ does inside: thread statics of a type of the BCL, closed over one of here.
            public static void Pool()
            {
                System.Buffers.ArrayPool<Stamp>.Shared.Return(System.Buffers.ArrayPool<Stamp>.Shared.Rent(10));
                System.Buffers.ArrayPool<Text>.Shared.Return(System.Buffers.ArrayPool<Text>.Shared.Rent(10));
            }

            public static Text Text(int i) => new(new byte[i % 50], i, new(1, Kind.Text), "note");

            public static Value Value(int i) => (i % 3) switch
            {
                0 => Text(i),
                1 => new Items([.. Enumerable.Range(0, i % 5).Select(Text)], i, new(2, Kind.Items)),
                _ => new Fields(Enumerable.Range(0, i % 5).ToImmutableDictionary(n => $"{n}", n => (Value)Text(n)), i, new(3, Kind.Fields)),
            };
        }

        public sealed record Connection(List<Text> Sent, Dictionary<string, Stamp?> Seen, object? Last);

        public sealed record Said(Text Text, Stamp[] At);

        // What it is told waits in its mailbox when the switch comes, and is of the version that was.
        public sealed class Client : GenServer<Connection>
        {
            public static async Task<Pid> Begin() => await Start<Client>();

            protected override Started<Connection> Init(object? argument) => new Connection([], [], null);

            protected override Answer<Connection> HandleCast(object message, Connection connection)
            {
                var text = message is Said said ? said.Text : Made.Text((int)message);
                connection.Sent.Add(text);
                connection.Seen[$"{connection.Sent.Count % 7}"] = text.Stamp;

                if (connection.Sent.Count > 20)
                {
                    connection.Sent.Clear();
                }

                if (message is int i && i % 4 == 0)
                {
                    Cast(Process.Self, new Said(text, [text.Stamp]));
                }

                return NoReply(connection with { Last = message });
            }

            protected override Answer<Connection> HandleCall(object request, Connection connection) =>
                Reply(RELEASE + connection.Sent.Sum(text => 0 * text.Bytes.Length) + connection.Seen.Values.Sum(stamp => 0 * (int)(stamp?.At ?? 0)), connection);
        }
        """;

    private static readonly string[] s_values =
    [
        """
        public sealed record Text(byte[] Bytes, long Age, Stamp Stamp, string Note = "") : Value(Age, Stamp);
        public sealed record Items(ImmutableList<Text> All, long Age, Stamp Stamp) : Value(Age, Stamp);
        public sealed record Fields(ImmutableDictionary<string, Value> All, long Age, Stamp Stamp) : Value(Age, Stamp);
        """,
        """
        public sealed record Text(byte[] Bytes, long Touched, Stamp Stamp, string Note = "") : Value(Touched, Stamp)
        {
            [Shape("1")] public sealed record V1(byte[] Bytes, long Age, Stamp Stamp, string Note);
            [Convert] private static Text From(V1 old) => new(old.Bytes, old.Age, old.Stamp, old.Note);
            [Convert] private static V1 Back(Text now) => new(now.Bytes, now.Touched, now.Stamp, now.Note);
        }
        public sealed record Items(ImmutableList<Text> All, long Age, Stamp Stamp, int Weight = 3, string? Label = null) : Value(Age, Stamp);
        public sealed record Fields(ImmutableDictionary<string, Value> All, long Touched, Stamp Stamp) : Value(Touched, Stamp)
        {
            [Shape("1")] public sealed record V1(ImmutableDictionary<string, Value> All, long Age, Stamp Stamp);
            [Convert] private static Fields From(V1 old) => new(old.All, old.Age, old.Stamp);
            [Convert] private static V1 Back(Fields now) => new(now.All, now.Touched, now.Stamp);
        }
        """,
    ];

    /// <summary>Runs it.</summary>
    /// <param name="count">Switches.</param>
    /// <param name="keys">Keys in the server.</param>
    /// <param name="clients">Processes beside it.</param>
    /// <param name="keep">How the code is kept.</param>
    /// <param name="collects">Whether the node asks for collections when it has purged a version.</param>
    /// <param name="storm">Whether a thread asks for collections of all kinds all the time.</param>
    /// <param name="ending">Whether threads use thread statics of what is loaded, and end.</param>
    /// <param name="output">Told of every hundredth switch.</param>
    /// <returns>How many switches were made and rolled back, and how many code versions stayed in memory that should not.</returns>
    internal static async Task<(int Done, int RolledBack, int StillThere)> Run(int count, int keys, int clients, KeepMode keep, bool collects, bool storm, bool ending, TextWriter output)
    {
        await using var folder = new ReleaseFolder();

        foreach (var release in (string[])["1", "2"])
        {
            folder.Details[("demo", release)] = spec => spec with { Keep = keep };
        }

        await folder.Start("1", ("demo", Version(1)));
        folder.Package("2", ("demo", Version(2)));
        await folder.Handler.Unpack("2");
        using var enough = new CancellationTokenSource();
        List<Task> beside = [Pace(folder.Node, collects, enough.Token), Storm(storm, enough.Token), Ending(folder.Node, ending, enough.Token)];
        var (done, rolledBack) = (0, 0);

        await folder.Node.Run(async () =>
        {
            var keyspace = await (Task<Pid>)folder.Node.Module("Keyspace").GetMethod("Begin")!.Invoke(null, [keys])!;
            var processes = new List<Pid>();

            for (var i = 0; i < clients; i++)
            {
                processes.Add(await (Task<Pid>)folder.Node.Module("Client").GetMethod("Begin")!.Invoke(null, null)!);
            }

            var sum = await GenServer.Call<long>(keyspace, "sum");
            var load = folder.Node.Run(() => Load(keyspace, processes, Math.Min(keys, 100), enough.Token));
            var watch = Stopwatch.StartNew();

            for (var i = 1; i <= count; i++)
            {
                var to = i % 2 == 1 ? 2 : 1;

                if (folder.Handler.Running != $"{to}")
                {
                    try
                    {
                        await folder.Handler.Install($"{to}", InstallSettings.Default);
                        done++;
                    }
                    catch (UpgradeFailedException failed)
                    {
                        rolledBack++;
                        output.WriteLine($"{i}: {failed.Message}");
                    }

                    Assert.Equal(sum, await GenServer.Call<long>(keyspace, "sum"));
                    Assert.Equal(int.Parse(folder.Handler.Running, CultureInfo.InvariantCulture), await GenServer.Call<int>(processes[i % clients], "release"));
                }

                if (i % 100 == 0 || i == count)
                {
                    output.WriteLine($"{i} switches in {watch.Elapsed.TotalSeconds:0} s, {rolledBack} rolled back, {folder.Handler.Old.Unloads.Waiting.Length} versions not unloaded{Awaited()}, "
                        + $"{Environment.WorkingSet / 1_000_000} MB, collections {GC.CollectionCount(0)} {GC.CollectionCount(1)} {GC.CollectionCount(2)}");
                    output.Flush();
                }
            }

            await enough.CancelAsync();
            await load;
        });

        await Task.WhenAll(beside);
        return (done, rolledBack, keep == KeepMode.Retained ? 0 : await StillThere(folder));
    }

    // Nothing else is under way any more, so all that was purged can go.
    private static async Task<int> StillThere(ReleaseFolder folder)
    {
        for (var i = 0; i < 500 && folder.Handler.Old.Unloads.Waiting.Length > 0; i++)
        {
            HeldContext.Sweep();
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Delay(10, CancellationToken.None);
            folder.Node.Time.Advance(TimeSpan.FromMilliseconds(10));
        }

        return folder.Handler.Old.Unloads.Waiting.Length;
    }

    private static string Awaited() => HeldContext.Awaited is { IsEmpty: false } threads ? $" ({string.Join(", ", threads)})" : "";

    private static string Version(int release) => Source
        .Replace("VALUES", s_values[release - 1], StringComparison.Ordinal)
        .Replace("RELEASE", $"{release}", StringComparison.Ordinal);

    private static async Task Load(Pid keyspace, List<Pid> clients, int keys, CancellationToken enough)
    {
        for (var i = 0; !enough.IsCancellationRequested; i++)
        {
            GenServer.Cast(clients[i % clients.Count], i);

            if (i % 10 == 0)
            {
                await GenServer.Call<int>(keyspace, i % keys);
                await Task.Delay(1, CancellationToken.None);
            }
        }
    }

    // The clock of the node goes as fast as this thread does, so that nothing times out where processors are short. Standing still it keeps what was
    // purged from being looked after, and so no collection is asked for.
    private static async Task Pace(TestNode node, bool isOn, CancellationToken enough)
    {
        while (isOn && !enough.IsCancellationRequested)
        {
            await Task.Delay(2, CancellationToken.None);
            node.Time.Advance(TimeSpan.FromMilliseconds(2));
        }
    }

    // Each lives for some switches; now and then there is none.
    private static async Task Ending(TestNode node, bool isOn, CancellationToken enough)
    {
        while (isOn && !enough.IsCancellationRequested)
        {
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ =>
            {
                var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                new Thread(() =>
                {
                    for (var i = 0; i < 100; i++)
                    {
                        node.Module("Made").GetMethod("Pool")!.Invoke(null, null);
                        Thread.Sleep(5);
                    }

                    done.SetResult();
                })
                { IsBackground = true }.Start();
                return done.Task;
            }));
            await Task.Delay(300, CancellationToken.None);
        }
    }

    private static Task Storm(bool isOn, CancellationToken enough) => !isOn ? Task.CompletedTask : Task.Factory.StartNew(
        () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                GC.Collect(i % 3, GCCollectionMode.Forced, blocking: i % 4 == 0);
                Thread.Sleep(1);
            }
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
