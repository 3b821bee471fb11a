namespace Midflight.Host;

/// <summary>Takes over as it is what nothing is known of, where a look finds nothing of another version in it; refuses it else.</summary>
internal sealed class LookConverter(Type type) : Converter
{
    public override object Convert(object value, Crossing crossing) => crossing.Find(value) is not { } found
        ? value
        : throw crossing.Refuse(new(
            LoadedTypes.Say(type), null,
            (found.Where.Length == 0 ? $"is of a type of the old version" : $"holds {LoadedTypes.Say(found.Found.GetType())} of the old version at {LoadedTypes.Say(type)}{found.Where}")
            + $", and Midflight does not know how to rebuild {Wording.One(type)}",
            "Hold it in a type of your own or in a collection of .NET, or write a [Convert] for the type that holds it."));
}

/// <summary>
/// Takes over values of a hot type that has not changed, but whose members may hold something of one that has: an
/// envelope that old code has filled. Where there is nothing of the kind the value itself passes.
/// </summary>
internal sealed class SameConverter(Type type) : DeepConverter
{
    private readonly Converter _copy = InlineArrayConverter.LengthOf(type) is null
        ? new ShapeConverter(type, type, table => FieldPlan.OfSame(type, table))
        : new InlineArrayConverter(type, type);

    // A copy is made by a converter that says so itself.
    protected override bool ReadsWhatChanges(object value, ConverterTable table) => !table.Copies;

    protected override object? Take(object value, Crossing crossing) =>
        crossing.Table.Copies || crossing.Find(value) is not null ? _copy.Convert(value, crossing) : value;
}

/// <summary>Takes over a resource at work as it is, unless it would go on calling old code.</summary>
internal sealed class LiveConverter(Type type) : Converter
{
    public override object Convert(object value, Crossing crossing) => Callbacks(value, crossing).FirstOrDefault(callback => callback is not null && crossing.Find(callback) is not null) is null
        ? value
        : throw crossing.Refuse(new(
            LoadedTypes.Say(type), null, "calls into the old version, and would keep doing so",
            type == typeof(Timer) || type == typeof(System.Timers.Timer)
                ? "Let the process send itself a message with Process.SendAfter instead."
                : "Register a method of code that does not change, or create it again in CodeChange."));

    private static IEnumerable<object?> Callbacks(object value, Crossing crossing)
    {
        crossing.NeedOwner();
        return Live.Callbacks(value);
    }
}
