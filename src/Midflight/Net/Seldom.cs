namespace Midflight;

/// <summary>Limits how often something is reported: at most once a minute. One thread at a time.</summary>
internal sealed class Seldom(TimeProvider time)
{
    private static readonly TimeSpan s_apart = TimeSpan.FromMinutes(1);

    private long? _told;

    internal bool IsTime()
    {
        if (_told is { } told && time.GetElapsedTime(told) < s_apart)
        {
            return false;
        }

        _told = time.GetTimestamp();
        return true;
    }
}
