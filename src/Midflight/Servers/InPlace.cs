using System.Runtime.CompilerServices;

namespace Midflight;

/// <summary>The outcome of a call that ran on the caller's thread.</summary>
internal struct InPlace
{
    /// <summary>The reply, or the marker for a reply in <see cref="Bits"/>.</summary>
    internal object? Reply;
    internal long Bits;

    /// <summary>Set if the reply comes later.</summary>
    internal PendingCall? Pending;

    /// <summary>Set if the server ended instead.</summary>
    internal ExitReason? Ended;

    /// <summary>Set if the call failed and the server keeps running.</summary>
    internal CallFailedException? Failed;
}

/// <summary>Carries small values beside the object reference, so that a reply of a number is not boxed.</summary>
internal sealed class Unboxed<T> : IUnboxed
{
    internal static readonly Unboxed<T> Marker = new();

    public object Box(long bits) => Unsafe.As<long, T>(ref bits)!;

    // Constant for each T once compiled.
    internal static bool Fits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T).IsValueType && !RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Unsafe.SizeOf<T>() <= sizeof(long);
    }

    internal static object? Pack(T value, out long bits)
    {
        bits = 0;

        if (Fits)
        {
            Unsafe.As<long, T>(ref bits) = value;
            return Marker;
        }

        return value;
    }

    /// <summary>Reads a packed reply, and converts one that comes from another code version.</summary>
    /// <param name="reply">The reply, or the marker.</param>
    /// <param name="bits">What the marker stands for.</param>
    /// <param name="reader">The process that reads it; null if the reader is not a process.</param>
    internal static T Unpack(object? reply, long bits, Cell? reader)
    {
        if (Fits && reply == Marker)
        {
            return Unsafe.As<long, T>(ref bits);
        }

        if (reply is IUnboxed other)
        {
            reply = other.Box(bits);
        }

        if (reply is T typed && (!Door.IsNeeded || Closed.Place<T>.Is))
        {
            return typed;
        }

        if (reply is null && default(T) is null)
        {
            return default!;
        }

        if (reply is not null && Door.Into(Door.ReaderOf<T>(reader), reply, typeof(T)) is T entered)
        {
            return entered;
        }

        throw new InvalidCastException($"The server replied with {reply?.GetType().ToString() ?? "null"}, but the call expects {typeof(T)}. Call with the type that the server replies with.");
    }
}

/// <summary>Boxes the value of a marker, for code that does not know the type.</summary>
internal interface IUnboxed
{
    public object Box(long bits);
}
