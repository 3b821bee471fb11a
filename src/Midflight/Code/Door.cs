namespace Midflight;

/// <summary>The only way by which values enter a code version.</summary>
/// <remarks>
/// It decides by the value and its content. The declared type of the place says what is expected, but nothing about what is there: a
/// <c>Dictionary&lt;string, object&gt;</c> is the same type in every version, and may contain a session of any version.
/// </remarks>
internal static class Door
{
    /// <summary>Whether a node of this program has ever had two versions of something, so that values of another version may exist.</summary>
    /// <remarks>Set before the first such version becomes current, and never reset.</remarks>
    internal static volatile bool IsNeeded;

    /// <summary>A value converted to a version; the same object if nothing in it is of another version, or if the version is null (code that is not hot).</summary>
    /// <exception cref="ConversionException">It cannot be converted.</exception>
    internal static object? Into(CodeVersion? version, object? value) =>
        value is not null && version?.Incoming is { } incoming ? incoming.Receive(value) : value;

    /// <summary>The same, if a type of that version is expected.</summary>
    /// <param name="version">The version.</param>
    /// <param name="value">The value.</param>
    /// <param name="wanted">The type.</param>
    /// <param name="copies">Whether code that runs next may change it and may have to be undone: then nothing mutable is shared with the old value.</param>
    /// <exception cref="ConversionException">It cannot be converted.</exception>
    internal static object? Into(CodeVersion? version, object? value, Type wanted, bool copies = false) =>
        value is not null && version?.Incoming is { } incoming ? incoming.Convert(value, wanted, copies) : value;

    /// <summary>An exit reason, for code that is told of it. A reason without a counterpart there is described in words.</summary>
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

    /// <summary>The exception of a failed call, for code that waits for it. An exception without a counterpart there is described in words.</summary>
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

    /// <summary>A value that the running code reads as a type: a reply, or the content of a table.</summary>
    /// <exception cref="ConversionException">It cannot be converted.</exception>
    /// <exception cref="InvalidCastException">It has an unrelated type.</exception>
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

    /// <summary>The version of the code that reads something as a type. A hot type determines it; for any other type, the code that the process runs is the reader.</summary>
    internal static CodeVersion? ReaderOf<T>(Cell? reader) => CodeVersion.Mentioned(typeof(T)).FirstOrDefault() ?? reader?.Body?.Version;

    /// <summary>A value converted to the current version of its application, for code that is not hot itself and passes it on; any other value as it is.</summary>
    /// <exception cref="ConversionException">It cannot be converted.</exception>
    internal static object InCurrent(object value)
    {
        // For List<Session>, that of Session; if there are several, the one that has changed.
        CodeVersion[] mentioned = [.. CodeVersion.Mentioned(value.GetType())];
        var version = Array.Find(mentioned, version => version.Application.Current != version) ?? mentioned.FirstOrDefault();
        return Into(version?.Application.Current, value)!;
    }
}
