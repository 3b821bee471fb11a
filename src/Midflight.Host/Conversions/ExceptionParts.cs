using System.Collections;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>Copies what <see cref="Exception"/> itself holds. The stack trace goes over as text, since its frames are old code.</summary>
/// <remarks>None of its properties is asked that an exception of the application may override.</remarks>
internal static class ExceptionParts
{
    private static readonly Func<Exception, string?> s_stackTrace = StackTrace();

    /// <summary>Takes everything over but the inner exception and the data.</summary>
    public static void CopyText(Exception old, Exception now)
    {
        Message(now) = Message(old);
        Help(now) = Help(old);
        Source(now) = Source(old);
        Trace(now) = s_stackTrace(old) is { } trace ? trace + Environment.NewLine : null;
        now.HResult = old.HResult;
    }

    /// <summary>Takes everything over.</summary>
    public static void Copy(Exception old, Exception now, Crossing crossing)
    {
        CopyText(old, now);
        Inner(now) = InnerOf(old, crossing);
        Data(now) = DataOf(old, crossing);
    }

    public static Exception? InnerOf(Exception old, Crossing crossing) =>
        crossing.Part(nameof(Exception.InnerException), Inner(old)) switch
        {
            null => null,
            Exception now => now,
            var other => throw crossing.Refuse(new(
                LoadedTypes.Say(old.GetType()), nameof(Exception.InnerException), $"has become a {LoadedTypes.Say(other.GetType())}, which is not an exception", "Convert it to an exception.")),
        };

    /// <summary>The data of an exception, if it has any.</summary>
    public static IDictionary? DataOf(Exception exception) => Data(exception) is { Count: > 0 } data ? data : null;

    public static IDictionary? DataOf(Exception old, Crossing crossing)
    {
        if (DataOf(old) is not { } data)
        {
            return null;
        }

        // What .NET makes for the data of an exception.
        var now = new InvalidOperationException().Data;
        crossing.Enter(nameof(Exception.Data));

        foreach (DictionaryEntry entry in data)
        {
            crossing.EnterKey(entry.Key);
            now[crossing.Any(entry.Key)] = crossing.Any(entry.Value);
            crossing.Leave();
        }

        crossing.Leave();
        return now;
    }

    public static void Put(Exception now, Exception? inner, IDictionary? data) => (Inner(now), Data(now)) = (inner, data);

    // The property of Exception itself, whatever overrides it.
    private static Func<Exception, string?> StackTrace()
    {
        var method = new DynamicMethod("StackTrace", typeof(string), [typeof(Exception)], typeof(ExceptionParts).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, typeof(Exception).GetProperty(nameof(Exception.StackTrace))!.GetMethod!);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<Exception, string?>>();
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_message")]
    private static extern ref string? Message(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_helpURL")]
    private static extern ref string? Help(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_source")]
    private static extern ref string? Source(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_remoteStackTraceString")]
    private static extern ref string? Trace(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_innerException")]
    private static extern ref Exception? Inner(Exception exception);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_data")]
    private static extern ref IDictionary? Data(Exception exception);
}
