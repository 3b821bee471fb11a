using System.Runtime.InteropServices;

namespace Midflight.Host;

/// <summary>A type that holds one value and is made of it: a lazy value that has been asked for, a task that has ended, a weak reference.</summary>
/// <param name="type">The type.</param>
/// <param name="get">What one holds, and whether it is one that can be written.</param>
/// <param name="make">Makes one.</param>
/// <param name="not">Why one cannot be written.</param>
internal sealed class HolderCodec<T>(Type type, Func<object, (bool IsThere, object? Value)> get, Func<T, object> make, Releases.ConversionRefusal not) : WireCodec
{
    private WirePlace? _place;

    private WirePlace Place => _place ??= new(typeof(T));

    public override void Write(object value, WireWriter to)
    {
        var (isThere, held) = get(value);

        if (!isThere)
        {
            throw to.Account.Refuse(not);
        }

        to.Account.Enter("Value");
        Place.Write(held, to);
        to.Account.Leave();
    }

    public override object Read(WireReader from, Absent? key)
    {
        from.Account.Pending(key!);
        from.Account.Enter("Value");
        var held = Place.Read(from);
        from.Account.Leave();

        if (held == Account.Later)
        {
            throw new WireDamagedException($"a {LoadedTypes.Say(type)} holds what has to be whole before it");
        }

        var made = make(held is null || held == WireReader.Nothing ? default! : (T)held);
        from.Account.Became(key!, made);
        return made;
    }
}

/// <summary>Makes codecs for types that hold one value.</summary>
internal static class HolderCodecs
{
    private static readonly System.Reflection.MethodInfo s_lazy = typeof(HolderCodecs).GetMethod(nameof(OfLazy))!;
    private static readonly System.Reflection.MethodInfo s_task = typeof(HolderCodecs).GetMethod(nameof(OfTask))!;
    private static readonly System.Reflection.MethodInfo s_weak = typeof(HolderCodecs).GetMethod(nameof(OfWeak))!;

    /// <summary>The codec of such a type; null for any other.</summary>
    public static WireCodec? Of(Type type) => !type.IsGenericType ? null : type.GetGenericTypeDefinition() is var open && open == typeof(Lazy<>) ? Make(s_lazy, type)
        : open == typeof(Task<>) ? Make(s_task, type)
        : open == typeof(WeakReference<>) ? Make(s_weak, type)
        : open == typeof(Memory<>) || open == typeof(ReadOnlyMemory<>) || open == typeof(ArraySegment<>)
            ? (WireCodec)Activator.CreateInstance(typeof(SliceCodec<>).MakeGenericType(type.GetGenericArguments()), open)!
        : null;

    public static WireCodec OfLazy<T>() => new HolderCodec<T>(
        typeof(Lazy<T>), static lazy => (((Lazy<T>)lazy).IsValueCreated, ((Lazy<T>)lazy).IsValueCreated ? ((Lazy<T>)lazy).Value : default), static value => new Lazy<T>(value),
        new(LoadedTypes.Say(typeof(Lazy<T>)), null, "has no value yet, only a function that makes it, and cannot be written", "Read its Value first, or hold a name by which the function is found."));

    public static WireCodec OfTask<T>() => new HolderCodec<T>(
        typeof(Task<T>), static task => (((Task)task).IsCompletedSuccessfully, ((Task)task).IsCompletedSuccessfully ? TaskConverter.ResultOf((Task)task) : null), static value => TaskRules.Ended(value),
        new(LoadedTypes.Say(typeof(Task<T>)), null, "has not ended or has failed, and cannot be written", "Await it, and hold its result."));

    public static WireCodec OfWeak<T>()
        where T : class? => new HolderCodec<T?>(
        typeof(WeakReference<>).MakeGenericType(typeof(T)), static weak => (true, ((WeakReference<T>)weak).TryGetTarget(out var target) ? target : null), static value => new WeakReference<T>(value!),
        new(LoadedTypes.Say(typeof(T)), null, "is gone", "Hold it."));

    private static WireCodec Make(System.Reflection.MethodInfo method, Type type) => (WireCodec)method.MakeGenericMethod(type.GetGenericArguments()).Invoke(null, null)!;
}

/// <summary>A part of an array: the array, which others may hold too, and where the part lies in it.</summary>
internal sealed class SliceCodec<T>(Type kind) : WireCodec
{
    public override bool IsShared => false;

    public override int Least => 1;

    public override void Write(object value, WireWriter to)
    {
        var memory = value switch
        {
            Memory<T> one => (ReadOnlyMemory<T>)one,
            ReadOnlyMemory<T> one => one,
            _ => ((ArraySegment<T>)value).AsMemory(),
        };

        // What lies in no array is copied into one.
        var segment = MemoryMarshal.TryGetArray(memory, out var found) ? found : new(memory.ToArray());
        to.Reference(segment.Array);

        if (segment.Array is not null)
        {
            to.Output.Number((ulong)(to.IsMasked ? 0 : segment.Offset));
            to.Output.Number((ulong)(to.IsMasked ? 0 : segment.Count));
        }
    }

    public override object Read(WireReader from, Absent? key)
    {
        var array = (T[]?)from.Reference();
        var segment = array is null ? default : new ArraySegment<T>(array, checked((int)from.Input.Number()), checked((int)from.Input.Number()));
        return kind == typeof(Memory<>) ? (object)segment.AsMemory()
            : kind == typeof(ReadOnlyMemory<>) ? (object)(ReadOnlyMemory<T>)segment.AsMemory()
            : segment;
    }
}
