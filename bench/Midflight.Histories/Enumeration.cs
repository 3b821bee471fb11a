using Midflight.Host;

namespace Midflight.Histories;

/// <summary>Tries the values of an enum, one by one.</summary>
internal static class Enumeration
{
    /// <summary>A value that comes to mean something else; null if there is none.</summary>
    public static string? Against(CodeConversion up, Type old, Type now)
    {
        foreach (var name in Enum.GetNames(old))
        {
            try
            {
                var converted = up.Convert(Enum.Parse(old, name), now)!;

                // Names of one number are one value.
                var aliases = Enum.GetNames(old).Where(other => Enum.Parse(old, other).Equals(Enum.Parse(old, name)));

                if (!aliases.Any(alias => Enum.TryParse(now, alias, out var same) && converted.Equals(same)))
                {
                    return $"{name} became {converted}";
                }
            }
            catch (ConversionException)
            {
                // A name that is gone is refused where a value has it.
            }
        }

        return null;
    }
}
