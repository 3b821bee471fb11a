using Midflight.Host;

namespace Midflight.Histories;

/// <summary>One changed type: what the planner says of it, what the converter does with a filled value, and what became of each member.</summary>
internal static class Pair
{
    // Finalizers of values without a constructor run would meet what they do not expect.
    private static readonly List<object> s_kept = [];

    /// <summary>Tries a type.</summary>
    public static PairOutcome Try(StepVersions versions, string name)
    {
        var isDataLike = false;

        try
        {
            if (Closed.Pair(versions.Old.FindType(name)!, versions.NowOf(versions.Old.FindType(name)!)!) is not var (old, now))
            {
                return Said(PairKind.Untried, "its type parameters");
            }

            isDataLike = DataLike.Is(old) && DataLike.Is(now);

            if (Refusal(versions, old, now) is { } refusal)
            {
                return Said(PairKind.Refused, refusal);
            }

            if (old.IsEnum)
            {
                return Enumeration.Against(versions.Up, old, now) is { } lost ? Said(PairKind.Lost, lost) : Said(PairKind.Converts, "");
            }

            var losses = new Losses(versions, old, now);
            return Live(versions, old, now, losses) switch
            {
                { Refused: { } why } => Said(PairKind.Refused, why),
                { Lost: { } lost } => Said(PairKind.Lost, lost),
                _ when losses.Silent is { } silent => Said(PairKind.Lost, silent),
                _ when losses.Told is { } told => Said(PairKind.Drops, told),
                _ => Said(PairKind.Converts, ""),
            };
        }
        // What the runtime does not load cannot be a state.
        catch (Exception exception) when (exception is TypeLoadException or TypeInitializationException or MissingMemberException or IOException or BadImageFormatException)
        {
            return Said(PairKind.Untried, exception.Message);
        }
        catch (Exception exception)
        {
            return Said(PairKind.Ended, $"threw {exception.GetType().Name}: {exception.Message} {exception.StackTrace?.Split('\n').FirstOrDefault()?.Trim()}");
        }

        PairOutcome Said(PairKind kind, string why) => new(versions.Step.ToString(), name, isDataLike, kind, why);
    }

    // Of the type itself: types that it holds are pairs of their own, or have not changed.
    private static string? Refusal(StepVersions versions, Type old, Type now)
    {
        var own = versions.Up.Refusals(old, now).Where(refusal => refusal.Type == LoadedTypes.Say(now) || refusal.Type == LoadedTypes.Say(old) || refusal.Type == old.Name.Split('`')[0]).ToList();
        return own.Count == 0 ? null : own[0].ToString();
    }

    // Filled as far as can be; and where something inside does not convert, with that left out.
    private static (string? Refused, string? Lost) Live(StepVersions versions, Type old, Type now, Losses losses)
    {
        string? why = null;

        foreach (var depth in (int[])[2, 1, 0])
        {
            if (new Filling(versions.Old, depth).Value(old) is not { } value)
            {
                return (null, null);
            }

            s_kept.Add(value);

            try
            {
                var target = value.GetType() == old ? now : versions.Now.FindType(value.GetType().FullName!) ?? now;
                var converted = versions.Up.Convert(value, target)!;
                s_kept.Add(converted);
                return (null, losses.Between(value, converted));
            }
            catch (ConversionException refused)
            {
                why ??= refused.Message;
            }
        }

        return (why, null);
    }
}
