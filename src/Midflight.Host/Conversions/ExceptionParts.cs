using System.Collections;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>Copies what <see cref="Exception"/> itself holds. The stack trace goes over as text, since its frames are old code.</summary>
internal static class ExceptionParts
{
    public static void Copy(Exception old, Exception now, Crossing crossing)
    {
        Message(now) = Message(old);
        Help(now) = Help(old);
        Source(now) = old.Source;
        Trace(now) = old.StackTrace is { } trace ? trace + Environment.NewLine : null;
        now.HResult = old.HResult;

        crossing.Enter(nameof(Exception.InnerException));
        Inner(now) = (Exception?)crossing.Any(Inner(old));
        crossing.Leave();

        if (Data(old) is { Count: > 0 } data)
        {
            crossing.Enter(nameof(Exception.Data));

            foreach (DictionaryEntry entry in data)
            {
                now.Data[crossing.Any(entry.Key)] = crossing.Any(entry.Value);
            }

            crossing.Leave();
        }
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
