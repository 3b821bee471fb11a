using Midflight.Releases;

namespace Midflight.Host;

/// <summary>A value was not taken over. The value, and all that it holds, is as it was.</summary>
public sealed class ConversionRefusedException : ConversionException
{
    /// <param name="refusal">Why, and the line that would change it.</param>
    /// <param name="path">Where in the value: <c>Session.Rooms[3].Owner</c>.</param>
    /// <param name="innerException">What a written conversion or a constructor threw, if it did.</param>
    public ConversionRefusedException(ConversionRefusal refusal, string path, Exception? innerException = null)
        : base(Say(refusal, path), innerException!) => (Refusal, Path) = (refusal, path);

    /// <summary>Why, and the line that would change it.</summary>
    public ConversionRefusal Refusal { get; }

    /// <summary>Where in the value: <c>Session.Rooms[3].Owner</c>.</summary>
    public string Path { get; }

    private static string Say(ConversionRefusal refusal, string path)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        var subject = refusal.Member is null ? refusal.Type : $"{refusal.Type}.{refusal.Member}";
        return subject == path || subject.StartsWith(path + ".", StringComparison.Ordinal) ? refusal.ToString() : $"{path}: {refusal}";
    }
}
