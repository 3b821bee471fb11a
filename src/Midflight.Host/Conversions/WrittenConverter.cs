using System.Reflection;
using Midflight.Releases;

namespace Midflight.Host;

/// <summary>Takes values over by methods marked <c>[Convert]</c>, one after another.</summary>
/// <remarks>
/// They are code of the application, and may change what they are given. So they get copies only, down to what never changes; and as one
/// object may be met both here and elsewhere, the whole value is copied then.
/// </remarks>
internal sealed class WrittenConverter(ConversionRoute route, Type from, Type to) : DeepConverter
{
    private List<Func<object, Crossing, object?>>? _steps;

    // A method may read all of what it is given. A step by shape, which makes a copy for it, says by itself what that reads.
    protected override bool ReadsWhatChanges(object value, ConverterTable table) => route.Steps is not [RouteStep.ByShape, ..] && !(Closed.Value(from) && Unchanging.Value(from));

    protected override object? Take(object value, Crossing crossing)
    {
        if (crossing.Calls is null)
        {
            throw new NeedsCallsException();
        }

        if (value is not ValueType)
        {
            crossing.Pending(value);
        }

        var result = (_steps ??= Steps(crossing.Table)).Aggregate((object?)value, (at, step) => step(at!, crossing));

        if (result is not null && value is not ValueType)
        {
            crossing.Became(value, result);
        }

        return result;
    }

    private List<Func<object, Crossing, object?>> Steps(ConverterTable table)
    {
        var steps = new List<Func<object, Crossing, object?>>();
        var at = from;

        foreach (var step in route.Steps)
        {
            switch (step)
            {
                case RouteStep.ByShape(_, var shape):
                    var converter = ByShape(at, Type(shape, table), table);
                    at = Type(shape, table);
                    steps.Add(converter.Convert);
                    break;
                case RouteStep.Call(var conversion, var inOld):
                    var method = Method(conversion, inOld, table);
                    at = method.ReturnType;
                    steps.Add((old, crossing) => Call(method, conversion, old, crossing));
                    break;
            }
        }

        return steps;
    }

    private static Converter ByShape(Type old, Type now, ConverterTable table)
    {
        var rules = table.RulesFrom(old);
        return rules.From.Find(LoadedTypes.DefinitionName(old)) is { } oldShape && rules.To.Find(LoadedTypes.DefinitionName(now)) is { } shape
            ? ShapeConverter.Of(rules.Change(oldShape, shape), old, now, isStep: true)
            : table.Between(old, now);
    }

    // The last step by shape leads to the target itself, whatever its arguments.
    private Type Type(TypeName shape, ConverterTable table) => shape is TypeName.Named(var name, _) && name != LoadedTypes.DefinitionName(to) ? table.Find(name)! : to;

    private MethodInfo Method(WrittenConversion conversion, bool inOld, ConverterTable table)
    {
        var declaring = inOld
            ? LoadedShapes.Reach(CodeVersion.Of(from)!).Select(version => version.FindType(conversion.Type)).First(type => type is not null)!
            : table.Find(conversion.Type)!;
        return (MethodInfo)declaring.Module.ResolveMethod(conversion.Token)!;
    }

    private static object? Call(MethodInfo method, WrittenConversion conversion, object old, Crossing crossing)
    {
        try
        {
            return crossing.Calls!.Call(method, old, crossing) ?? throw crossing.Refuse(new(
                conversion.Method, null, "returned null, so the value would be lost", "Return a value, or convert the type that holds it."));
        }
        catch (Exception exception) when (exception is not ConversionRefusedException)
        {
            // It is the application's code, which may throw anything; whoever upgrades must learn which method it was.
            throw crossing.Refuse(
                new(conversion.Method, null, $"threw {exception.GetType().Name}: {exception.Message.TrimEnd('.')}", "Fix it, or the value that it cannot handle."),
                exception);
        }
    }
}
