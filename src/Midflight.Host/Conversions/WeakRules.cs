namespace Midflight.Host;

/// <summary>How weak references are rebuilt, and what they lead to.</summary>
internal static class WeakRules
{
    /// <summary>What a typed weak reference leads to; null where it leads nowhere, or is none.</summary>
    public static object? TargetOf(object value)
    {
        if (value is WeakReference weak)
        {
            return weak.Target;
        }

        if (!value.GetType().IsGenericType || value.GetType().GetGenericTypeDefinition() != typeof(WeakReference<>))
        {
            return null;
        }

        var arguments = new object?[1];
        return value.GetType().GetMethod(nameof(WeakReference<>.TryGetTarget))!.Invoke(value, arguments) is true ? arguments[0] : null;
    }

    public static object? Untyped(object old, Crossing crossing)
    {
        var weak = (WeakReference)old;
        var target = weak.Target;
        var now = crossing.Part("Target", target);
        return ReferenceEquals(now, target) ? old : new WeakReference(now, weak.TrackResurrection);
    }

    /// <summary>What a weak reference leads to, if it is still there.</summary>
    public static object? Typed<T>(object old, Crossing crossing)
        where T : class
    {
        var target = TargetOf(old);
        var now = crossing.Part("Target", target);
        return ReferenceEquals(now, target) && old is WeakReference<T> ? old : new WeakReference<T>((T)now!, trackResurrection: false);
    }
}
