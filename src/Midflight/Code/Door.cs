namespace Midflight;

/// <summary>The one way by which values come into a code version.</summary>
/// <remarks>
/// It decides by the value and what is in it. The type of the place that waits for it says what is wanted, and nothing of what is there: a
/// <c>Dictionary&lt;string, object&gt;</c> is one in every version, and may hold a session of any.
/// </remarks>
internal static class Door
{
    /// <summary>Whether a node of this program has ever had two versions of something, so that there may be values of another version.</summary>
    /// <remarks>Set before the first such version becomes current, and never taken back.</remarks>
    internal static volatile bool IsNeeded;

    /// <summary>A value as a version knows it; the very same where nothing in it is of another version, or the version is null: code that is not hot.</summary>
    /// <exception cref="ConversionException">It cannot be converted.</exception>
    internal static object? Into(CodeVersion? version, object? value) =>
        value is not null && version?.Incoming is { } incoming ? incoming.Receive(value) : value;

    /// <summary>The same, where a type of that version is wanted.</summary>
    /// <param name="version">The version.</param>
    /// <param name="value">The value.</param>
    /// <param name="wanted">The type.</param>
    /// <param name="copies">Whether code will run that may change it and that may have to be undone: then nothing which can change is shared with the old value.</param>
    /// <exception cref="ConversionException">It cannot be converted.</exception>
    internal static object? Into(CodeVersion? version, object? value, Type wanted, bool copies = false) =>
        value is not null && version?.Incoming is { } incoming ? incoming.Convert(value, wanted, copies) : value;

    /// <summary>Why a process ended, for code that is told of it. A reason that has no counterpart there is told in words.</summary>
    internal static ExitReason Into(CodeVersion? version, ExitReason reason)
    {
        if (version?.Incoming is null || reason is not (ExitReason.ErrorReason or ExitReason.ShutdownReason { Detail: not null } or ExitReason.OtherReason))
        {
            return reason;
        }

        try
        {
            return (ExitReason)Into(version, (object)reason)!;
        }
        catch (ConversionException refusal)
        {
            return ExitReason.Error(InWords(reason, refusal));
        }
    }

    /// <summary>What a call failed with, for code that waits for it. An exception that has no counterpart there is told in words.</summary>
    internal static Exception Into(CodeVersion? version, Exception failure)
    {
        try
        {
            return (Exception)Into(version, (object)failure)!;
        }
        catch (ConversionException refusal)
        {
            return InWords(failure.Message, refusal);
        }
    }

    private static ConversionException InWords(object happened, ConversionException refusal) =>
        new($"{happened} (This is from another code version and was not converted: {refusal.Message})", refusal);

    /// <summary>A value that is read as a type by whoever runs now: a reply, or what a table holds.</summary>
    /// <exception cref="ConversionException">It cannot be converted.</exception>
    /// <exception cref="InvalidCastException">It is of quite another type.</exception>
    internal static T Read<T>(object? value) => value is T typed && (!IsNeeded || Closed.Place<T>.Is) ? typed : Convert<T>(value);

    private static T Convert<T>(object? value)
    {
        if (value is null)
        {
            return default(T) is null ? default! : throw new InvalidCastException($"The value is null, but {typeof(T)} is expected.");
        }

        return Into(ReaderOf<T>(Cell.Current), value, typeof(T)) is T typed
            ? typed
            : throw new InvalidCastException($"The value is a {value.GetType()}, but {typeof(T)} is expected. Read it with the type that it was stored with.");
    }

    /// <summary>The version of whoever reads something as a type. One that is hot says whose it is; any other is read by the code that the process runs.</summary>
    internal static CodeVersion? ReaderOf<T>(Cell? reader) => CodeVersion.Mentioned(typeof(T)).FirstOrDefault() ?? reader?.Body?.Version;

    /// <summary>A value in the current version of its application, for whoever runs no hot code himself and passes it on; any other as it is.</summary>
    /// <exception cref="ConversionException">It cannot be converted.</exception>
    internal static object InCurrent(object value)
    {
        // Of List<Session> that of Session; of several that which has changed.
        CodeVersion[] mentioned = [.. CodeVersion.Mentioned(value.GetType())];
        var version = Array.Find(mentioned, version => version.Application.Current != version) ?? mentioned.FirstOrDefault();
        return Into(version?.Application.Current, value)!;
    }
}
