using Midflight.Testing;

namespace Midflight.Host.Tests;

/// <summary>Keys of hot code are found by old and by new code, whichever of them the entries are in just then; and none is lost on the way.</summary>
public sealed class HotKeyTests
{
    // As many tables as there are ways for a key to be of hot code, and two registries.
    private const int Places = 8;

    private const string Source = """
        public interface IName;

        public sealed record Key(string Name) : IName, IComparable
        {
            public int CompareTo(object? other) => string.CompareOrdinal(Name, ((Key)other!).Name);
        }

        public static class Functions
        {
            public static void Open()
            {
                _ = new Table<Key, string>(name: "set");
                _ = new Table<Key, string>(TableKind.OrderedSet, name: "sorted");
                _ = new Table<Key, string>(TableKind.Bag, name: "bag");
                _ = new Table<(string, Key), string>(name: "tuples");
                _ = new Table<object, string>(name: "objects");
                _ = new Table<IName, string>(name: "interfaces");
            }

            public static int Put(string name)
            {
                var key = new Key(name);
                return new[]
                {
                    Table<Key, string>.Find("set")!.TryInsert(key, name),
                    Table<Key, string>.Find("sorted")!.TryInsert(key, name),
                    Table<Key, string>.Find("bag")!.TryInsert(key, name),
                    Table<(string, Key), string>.Find("tuples")!.TryInsert(("x", key), name),
                    Table<object, string>.Find("objects")!.TryInsert(key, name),
                    Table<IName, string>.Find("interfaces")!.TryInsert(key, name),
                    Registry.Register("keys", key, name),
                    Registry.Register("pairs", ("x", key), name),
                }.Count(done => done);
            }

            public static int Found(string name)
            {
                var key = new Key(name);
                return new[]
                {
                    Table<Key, string>.Find("set")!.Lookup(key) is [var value] && value == name,
                    Table<Key, string>.Find("sorted")!.Between(key, key).Count() == 1,
                    Table<Key, string>.Find("bag")!.Contains(key),
                    Table<(string, Key), string>.Find("tuples")!.TryGet(("x", key), out _),
                    Table<object, string>.Find("objects")!.Contains(key),
                    Table<IName, string>.Find("interfaces")!.Contains(key),
                    Registry.Lookup("keys", key).Count == 1,
                    Registry.WhereIs("pairs", ("x", key)) is not null,
                }.Count(found => found);
            }

            public static int Names() =>
                Table<Key, string>.Find("set")!.Select(entry => entry.Key.Name)
                    .Concat(Table<(string, Key), string>.Find("tuples")!.Select(entry => entry.Key.Item2.Name))
                    .Concat(Table<IName, string>.Find("interfaces")!.Select(entry => ((Key)entry.Key).Name)).Count();
        }
        """;

    [Fact]
    public async Task Old_and_new_code_find_each_key_and_write_it_once_at_each_step_of_a_switch_and_of_its_undoing()
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("demo", Source));

        await node.Run(async () =>
        {
            await Registry.StartLink("keys");
            await Registry.StartLink("pairs");
            var old = node.Module("Functions");
            old.GetMethod("Open")!.Invoke(null, null);
            Assert.Equal(Places, Put(old, "first"));

            var flip = new PreparedFlip(node.Code, (await node.Code.Prepare([Compile.Application("demo", Source, "0.2.0")])).OrThrow());
            var @new = flip.Target("demo")!.FindType("Functions")!;
            var stores = new SwitchedStores(node.Node);
            var names = new List<string> { "first" };

            flip.Flip(flip.Changed);
            Each("flipped");
            stores.Bring(flip);
            Each("converted");
            flip.FlipBack();
            Each("flipped back");
            Assert.Empty(stores.PutBack());
            Each("put back");

            void Each(string step)
            {
                foreach (var (own, other) in new[] { (old, @new), (@new, old) })
                {
                    var name = $"{step} {names.Count}";
                    Assert.Equal((name, Places, 0), (name, Put(own, name), Put(other, name)));
                    names.Add(name);
                }

                foreach (var name in names)
                {
                    Assert.Equal((step, name, Places, Places), (step, name, Found(old, name), Found(@new, name)));
                    Assert.Equal((0, 0), (Put(old, name), Put(@new, name)));
                }

                Assert.Equal((3 * names.Count, 3 * names.Count), ((int)old.GetMethod("Names")!.Invoke(null, null)!, (int)@new.GetMethod("Names")!.Invoke(null, null)!));
            }
        });

        static int Put(Type functions, string name) => (int)functions.GetMethod("Put")!.Invoke(null, [name])!;

        static int Found(Type functions, string name) => (int)functions.GetMethod("Found")!.Invoke(null, [name])!;
    }

    private const string Rooms = """
        public sealed record Room(Id Id);

        public static class Rooms
        {
            public static void Open() => _ = new Table<Room, string>(name: "rooms") { [new Room(new Id("a"))] = "A" };
            public static string Read() => Table<Room, string>.Find("rooms")![new Room(new Id("a"))];
        }
        """;

    [Fact]
    public async Task A_key_of_one_application_that_holds_a_value_of_another_changes_with_both()
    {
        await using var node = new TestNode();
        var lib = Compile.Application("lib", "public sealed record Id(string Name);");
        await node.Load(lib, Compile.Application("demo", Rooms, uses: lib));

        await node.Run(async () =>
        {
            Hot.Call(node, "Rooms", "Open");
            var old = node.Module("Rooms");
            await node.Load(Compile.Application("lib", "public sealed record Id(string Name) { public int Shard => 0; }", "0.2.0"));
            Assert.NotSame(old, node.Module("Rooms"));
            Assert.Equal(("A", "A"), (Hot.Call(node, "Rooms", "Read"), old.GetMethod("Read")!.Invoke(null, null)));
        });
    }

    private static string Sessions(string members, string arguments) => $$"""
        public sealed record Session({{members}});

        public static class Functions
        {
            public static readonly PersistentValue<Session> First = new("first");

            public static void Open()
            {
                _ = new Table<string, Session>(name: "set");
                _ = new Table<string, Session>(TableKind.OrderedSet, name: "sorted");
            }

            public static void Put(string name, int number)
            {
                var session = new Session(number{{arguments}});
                Table<string, Session>.Find("set")![name] = session;
                Table<string, Session>.Find("sorted")![name] = session;
                Registry.Register("names", name, session);

                if (name == "a")
                {
                    First.Put(session);
                }
            }

            public static void Nothing()
            {
                Table<string, Session>.Find("set")!.TryInsert("a", new Session(9{{arguments}}));
                Table<string, Session>.Find("set")!.Remove("nobody");
                Registry.Unregister("names", "nobody");
            }

            public static string Show(string name) => string.Join(
                ' ', Table<string, Session>.Find("set")![name], Table<string, Session>.Find("sorted")![name], Registry.Lookup("names", name)[0].ValueAs<Session>(), First.Value);
        }
        """;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_nobody_has_written_since_comes_back_from_an_upgrade_that_fails_as_it_was(bool isWritten)
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("demo", Sessions("int Number, string Token = \"lost\"", ", \"secret\"")));

        await node.Run(async () =>
        {
            await Registry.StartLink("names");
            Hot.Call(node, "Functions", "Open");
            Hot.Call(node, "Functions", "Put", "a", 1);
            Hot.Call(node, "Functions", "Put", "b", 2);
            var before = Hot.Call(node, "Functions", "Show", "a");
            Assert.Contains("Token = secret", (string)before!, StringComparison.Ordinal);

            var flip = new PreparedFlip(node.Code, (await node.Code.Prepare([Compile.Application("demo", Sessions("int Number", ""), "0.2.0")])).OrThrow());
            var stores = new SwitchedStores(node.Node);
            flip.Flip(flip.Changed);
            stores.Bring(flip);
            Hot.Call(node, "Functions", "Nothing");

            if (isWritten)
            {
                Hot.Call(node, "Functions", "Put", "c", 3);
            }

            flip.FlipBack();
            Assert.Empty(stores.PutBack());
            Assert.Equal(before, Hot.Call(node, "Functions", "Show", "a"));

            if (isWritten)
            {
                Assert.StartsWith("Session { Number = 3, Token = lost } Session { Number = 3, Token = lost }", (string)Hot.Call(node, "Functions", "Show", "c")!, StringComparison.Ordinal);
            }
        });
    }

    private static string Shards(string members) => $$"""
        public sealed record Key({{members}}) : IComparable
        {
            public int CompareTo(object? other) => string.CompareOrdinal(ToString(), other!.ToString());
        }
        """;

    [Theory]
    [InlineData("table 'set' of")]
    [InlineData("table 'sorted' of")]
    [InlineData("registry 'names'")]
    public async Task Keys_that_would_become_one_are_refused_by_name(string where)
    {
        await using var node = new TestNode();
        await node.Load(Compile.Application("demo", Shards("string Name, int Shard")));

        await node.Run(async () =>
        {
            await Registry.StartLink("names");
            var (set, sorted) = (new Table<object, int>(name: "set"), new Table<object, int>(TableKind.OrderedSet, name: "sorted"));
            object[] keys = [Hot.New(node, "Key", "a", 1), Hot.New(node, "Key", "a", 2)];

            foreach (var key in keys)
            {
                _ = where.Contains("set", StringComparison.Ordinal) ? set.TryInsert(key, 1)
                    : where.Contains("sorted", StringComparison.Ordinal) ? sorted.TryInsert(key, 1)
                    : Registry.Register("names", key);
            }

            var refused = Assert.IsType<LoadResult.Refused>(await node.Code.Load([Compile.Application("demo", Shards("string Name"), "0.2.0")], null));
            var why = refused.Why.ToString();
            Assert.StartsWith("demo 0.2.0 was not loaded: The keys Key { Name = a, Shard = ", why, StringComparison.Ordinal);
            Assert.Contains(where, why, StringComparison.Ordinal);
            Assert.Contains(
                " become the same key, Key { Name = a }, so one of their entries would be lost. Keep what distinguishes them in the key, or remove one of them first.",
                why,
                StringComparison.Ordinal);
            Assert.All(keys, key => Assert.True(set.Contains(key) || sorted.Contains(key) || Registry.WhereIs("names", key) is not null));
        });
    }
}
