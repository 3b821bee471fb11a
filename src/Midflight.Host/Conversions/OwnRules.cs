using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Threading.Channels;

namespace Midflight.Host;

/// <summary>How one kind of object is rebuilt that is more than elements or fields. One line each.</summary>
/// <remarks>Closed over types of one version only: a type closed over two would keep the older one loaded with the newer.</remarks>
internal static class OwnRules
{
    private const BindingFlags All = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>A lazy value: what it is, or the named method that would make it.</summary>
    public static object? Lazy<T>(object old, Crossing crossing)
    {
        if ((bool)Get(old, "IsValueCreated")!)
        {
            var value = crossing.Part("Value", Get(old, "Value"));
            return ReferenceEquals(value, Get(old, "Value")) && old is Lazy<T> ? old : new Lazy<T>((T)value!);
        }

        if (Get(old, "IsValueFaulted") is true)
        {
            throw crossing.Refuse(new(LoadedTypes.Say(old.GetType()), null, "has failed to create its value, and its stored exception belongs to the old version", "Put a new one in its place first."));
        }

        var mode = (LazyThreadSafetyMode)Get(old, "Mode")!;
        var factory = Get(old, "_factory");
        var now = crossing.Part("Factory", factory);
        return ReferenceEquals(now, factory) && old is Lazy<T> ? old : now is null ? new Lazy<T>(mode) : new Lazy<T>((Func<T>)now, mode);
    }

    /// <summary>A queue at rest behind a collection that blocks.</summary>
    public static object? Blocking<T>(object old, Crossing crossing)
    {
        var inner = Get(old, "_collection");
        var now = crossing.Part("Items", inner);

        if (ReferenceEquals(now, inner) && old is BlockingCollection<T>)
        {
            return old;
        }

        var bound = (int)Get(old, "BoundedCapacity")!;
        var collection = bound < 0 ? new BlockingCollection<T>((IProducerConsumerCollection<T>)now!) : new BlockingCollection<T>((IProducerConsumerCollection<T>)now!, bound);

        if ((bool)Get(old, "IsAddingCompleted")!)
        {
            collection.CompleteAdding();
        }

        return collection;
    }

    /// <summary>A node of a linked list: that of the new list which stands where it stood.</summary>
    public static object? Node<T>(object old, Crossing crossing)
    {
        if (Get(old, "List") is not { } list)
        {
            return new LinkedListNode<T>((T)crossing.Part("Value", Get(old, "Value"))!);
        }

        var now = crossing.Part("List", list);
        return ReferenceEquals(now, list) ? old : crossing.Seen(old) ?? throw crossing.Refuse(new(
            LoadedTypes.Say(old.GetType()), null, "is a node of a linked list that is being converted", "Declare the list before its nodes."));
    }

    /// <summary>What groups elements by keys.</summary>
    public static object? Lookup<TKey, T>(object old, Crossing crossing)
    {
        var comparer = Get(old, "_comparer");
        var known = crossing.Part("Comparer", comparer);
        var pairs = new List<(TKey Key, T Item)>();
        var hasChanged = !ReferenceEquals(comparer, known) || old is not ILookup<TKey, T>;

        foreach (var group in (IEnumerable)old)
        {
            var oldKey = Get(group, "Key");
            crossing.EnterKey(oldKey);
            var key = crossing.Any(oldKey);
            hasChanged |= !ReferenceEquals(key, oldKey) && oldKey is not ValueType;

            foreach (var item in (IEnumerable)group)
            {
                var now = crossing.Any(item);
                hasChanged |= !ReferenceEquals(now, item);
                pairs.Add(((TKey)key!, (T)now!));
            }

            crossing.Leave();
        }

        if (!hasChanged)
        {
            return old;
        }

        if (crossing.MustWait([.. pairs.Select(pair => (object?)pair.Key)], known))
        {
            crossing.BuildLater(old, Build);
            return null;
        }

        return Build();

        object Build() => pairs.ToLookup(pair => pair.Key, pair => pair.Item, known as IEqualityComparer<TKey>);
    }

    /// <summary>A channel that nobody waits for, with what is in it.</summary>
    public static object? Channel<T>(object old, Crossing crossing)
    {
        var items = Get(old, "_items") switch
        {
            IEnumerable queue => queue.Cast<object?>().ToArray(),
            { } ring when Get(ring, "_array") is Array array && Get(ring, "_head") is int head && Get(ring, "_size") is int size =>
                [.. Enumerable.Range(0, size).Select(at => array.GetValue((head + at) % array.Length))],
            _ => null,
        };

        if (items is null || Closed.Fields(old.GetType()).Any(field => IsWaiting(field) && field.GetValue(old) is not null))
        {
            throw crossing.Refuse(new(
                LoadedTypes.Say(old.GetType()), null, "is a channel that is in use: somebody waits for it, or its type is unknown", "Let a process send messages instead, or complete the channel before the code changes."));
        }

        var done = Get(old, "_doneWriting") as Exception;
        var fault = done is { } && done.GetType().Assembly != typeof(System.Threading.Channels.Channel).Assembly ? (Exception)crossing.Part("Completion", done)! : null;
        var bounded = old.GetType().Name.StartsWith("Bounded", StringComparison.Ordinal);
        var now = bounded
            ? System.Threading.Channels.Channel.CreateBounded<T>(
                new BoundedChannelOptions((int)Get(old, "_bufferedCapacity")!) { FullMode = (BoundedChannelFullMode)Get(old, "_mode")!, AllowSynchronousContinuations = IsSynchronous(old) },
                (Action<T>?)crossing.Part("ItemDropped", Get(old, "_itemDropped")))
            : System.Threading.Channels.Channel.CreateUnbounded<T>(new UnboundedChannelOptions
            {
                SingleReader = old.GetType().Name.StartsWith("SingleConsumer", StringComparison.Ordinal),
                AllowSynchronousContinuations = IsSynchronous(old),
            });
        crossing.Became(old, now);
        crossing.Became(Get(old, "Reader")!, now.Reader);
        crossing.Became(Get(old, "Writer")!, now.Writer);

        for (var i = 0; i < items.Length; i++)
        {
            crossing.Enter(i);
            now.Writer.TryWrite((T)crossing.Any(items[i])!);
            crossing.Leave();
        }

        if (done is not null)
        {
            now.Writer.Complete(fault);
        }

        return now;
    }

    /// <summary>One end of a channel: that of the new one.</summary>
    public static object? End(object old, Crossing crossing)
    {
        var channel = Get(old, "_parent") ?? throw crossing.Refuse(new(LoadedTypes.Say(old.GetType()), null, "is the reader or writer of a channel of an unknown type", "Hold the channel instead."));
        var now = crossing.Part("Channel", channel);
        return ReferenceEquals(now, channel) ? old : Get(now!, old is not null && Get(channel, "Reader") == old ? "Reader" : "Writer");
    }

    public static object? Text(object old, Crossing crossing) =>
        crossing.Table.Copies ? new StringBuilder(((StringBuilder)old).Capacity, ((StringBuilder)old).MaxCapacity).Append((StringBuilder)old) : old;

    public static object? Bits(object old, Crossing crossing) => crossing.Table.Copies ? new BitArray((BitArray)old) : old;

    public static object? Get(object of, string member)
    {
        for (var at = of.GetType(); at is not null; at = at.BaseType)
        {
            if (at.GetField(member, All | BindingFlags.DeclaredOnly) is { } field)
            {
                return field.GetValue(of);
            }

            if (at.GetProperty(member, All | BindingFlags.DeclaredOnly) is { GetMethod: not null } property)
            {
                return property.GetValue(of);
            }
        }

        return null;
    }

    private static bool IsSynchronous(object channel) => Get(channel, "_runContinuationsAsynchronously") is false;

    private static bool IsWaiting(FieldInfo field) =>
        field.Name.StartsWith("_blocked", StringComparison.Ordinal) || field.Name.StartsWith("_waiting", StringComparison.Ordinal);
}
