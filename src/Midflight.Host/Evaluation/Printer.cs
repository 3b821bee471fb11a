using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Midflight.Host.Evaluation;

/// <summary>Writes values for people: as C# where possible, and never more than a screen or two.</summary>
internal sealed class Printer
{
    private const int MostItems = 100;
    private const int Deepest = 8;
    private const int Longest = 8_000;

    private readonly StringBuilder _text = new();

    // The values that enclose the one being written: printing stops at a cycle.
    private readonly HashSet<object> _around = new(ReferenceEqualityComparer.Instance);

    private Printer()
    {
    }

    internal static string Print(object? value)
    {
        // Text made for people, such as a table, is printed unchanged.
        if (value is Text text)
        {
            return text.ToString();
        }

        var printer = new Printer();
        printer.Write(value);
        return printer._text.Length <= Longest ? printer._text.ToString() : printer._text.ToString(0, Longest) + "…";
    }

    private void Write(object? value)
    {
        if (value is null)
        {
            _text.Append("null");
        }
        else if (Literals.Of(value) is { } literal)
        {
            _text.Append(literal);
        }
        else if (_text.Length > Longest || _around.Count >= Deepest || !Enter(value))
        {
            _text.Append('…');
        }
        else
        {
            try
            {
                WriteStructure(value);
            }
            // The value's own code failed, or another process is changing it. What has been written so far must do.
            catch (Exception exception)
            {
                _text.Append($"… ({exception.GetType().Name}: {exception.Message})");
            }

            _around.Remove(value);
        }
    }

    private bool Enter(object value) => _around.Add(value);

    private void WriteStructure(object value)
    {
        switch (value)
        {
            case Exception exception:
                _text.Append($"{exception.GetType().Name}: {exception.Message}");
                break;
            case Delegate function:
                _text.Append($"{TypeNames.Of(function.GetType())} {function.Method.Name}");
                break;
            case ITuple tuple when IsTuple(value.GetType()):
                WriteList("(", Enumerable.Range(0, tuple.Length).Select(i => tuple[i]), ")");
                break;
            case IDictionary dictionary:
                WriteEntries(dictionary);
                break;
            case IEnumerable entries when EntryTypes(value.GetType()) is { } entry:
                WriteEntries(entries.Cast<object>().Select(pair => (entry.GetProperty("Key")!.GetValue(pair), entry.GetProperty("Value")!.GetValue(pair))));
                break;
            case IEnumerable items:
                WriteList("[", items.Cast<object?>(), "]");
                break;
            default:
                WriteObject(value, value.GetType());
                break;
        }
    }

    private void WriteEntries(IDictionary dictionary) => WriteEntries(Entries(dictionary));

    private static IEnumerable<(object?, object?)> Entries(IDictionary dictionary)
    {
        foreach (DictionaryEntry entry in dictionary)
        {
            yield return (entry.Key, entry.Value);
        }
    }

    private void WriteEntries(IEnumerable<(object? Key, object? Value)> entries) => WriteParts("{ ", entries, " }", "{ }", entry =>
    {
        _text.Append('[');
        Write(entry.Key);
        _text.Append("] = ");
        Write(entry.Value);
    });

    private void WriteList(string open, IEnumerable<object?> items, string close) => WriteParts(open, items, close, open + close, Write);

    private void WriteParts<T>(string open, IEnumerable<T> items, string close, string none, Action<T> write)
    {
        var count = 0;

        foreach (var item in items)
        {
            _text.Append(count == 0 ? open : ", ");

            if (count++ == MostItems || _text.Length > Longest)
            {
                _text.Append('…');
                break;
            }

            write(item);
        }

        _text.Append(count == 0 ? none : close);
    }

    private void WriteObject(object value, Type type)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>))
        {
            WriteEntries([(type.GetProperty("Key")!.GetValue(value), type.GetProperty("Value")!.GetValue(value))]);
        }
        else if (WritesItself(type))
        {
            _text.Append(value);
        }
        else
        {
            WriteMembers(value, type);
        }
    }

    // A record's own ToString would leave strings in it without quotes, so records are written here, unless a person wrote the ToString.
    private static bool WritesItself(Type type)
    {
        var method = type.GetMethod(nameof(ToString), BindingFlags.Instance | BindingFlags.Public, Type.EmptyTypes);
        return method?.DeclaringType is { } declaring
            && declaring != typeof(object)
            && declaring != typeof(ValueType)
            && !method.IsDefined(typeof(CompilerGeneratedAttribute))
            && !IsAnonymous(declaring);
    }

    private void WriteMembers(object value, Type type)
    {
        if (!IsAnonymous(type))
        {
            _text.Append(TypeNames.Of(type)).Append(' ');
        }

        WriteParts("{ ", Members(value, type), " }", "{ }", member =>
        {
            _text.Append(member.Name).Append(" = ");
            Write(member.Value());
        });
    }

    private static IEnumerable<(string Name, Func<object?> Value)> Members(object value, Type type)
    {
        foreach (var member in type.GetMembers(BindingFlags.Instance | BindingFlags.Public).OrderBy(member => member.MetadataToken))
        {
            switch (member)
            {
                case PropertyInfo { CanRead: true, PropertyType.IsByRefLike: false } property when property.GetIndexParameters().Length == 0:
                    yield return (property.Name, () => Read(property, value));
                    break;
                case FieldInfo field:
                    yield return (field.Name, () => field.GetValue(value));
                    break;
            }
        }
    }

    private static object? Read(PropertyInfo property, object value)
    {
        try
        {
            return property.GetMethod!.Invoke(value, BindingFlags.DoNotWrapExceptions, null, null, null);
        }
        // A property may throw, as Nullable.Value does. The others are still worth showing.
        catch (Exception exception)
        {
            return exception;
        }
    }

    private static bool IsTuple(Type type) => type.FullName!.StartsWith("System.ValueTuple", StringComparison.Ordinal)
        || type.FullName.StartsWith("System.Tuple", StringComparison.Ordinal);

    private static bool IsAnonymous(Type type) => type.Name.StartsWith("<>", StringComparison.Ordinal);

    // The key and value types of a dictionary that implements only the generic interface.
    private static Type? EntryTypes(Type type) => type.GetInterfaces()
        .Where(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>))
        .Select(face => typeof(KeyValuePair<,>).MakeGenericType(face.GetGenericArguments()))
        .FirstOrDefault();
}

/// <summary>Text for people, printed as it is, without quotes.</summary>
public sealed class Text
{
    private readonly string _text;

    internal Text(string text) => _text = text;

    /// <inheritdoc/>
    public override string ToString() => _text;
}
