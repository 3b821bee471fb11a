using System.Text;

namespace Midflight.Cases;

/// <summary>Writes a family as C#, in its old or in its new version.</summary>
internal sealed class FamilyCode(Family family, bool isNow)
{
    /// <summary>The types of a family, and the class <c>…T</c> that makes its graph and compares what it is given with it.</summary>
    public static string Of(Family family, bool isNow) => new FamilyCode(family, isNow).Write();

    /// <summary>What all families of an assembly use.</summary>
    public const string Common = """
        // `Task.FromResult` gives one and the same task for every zero, and what is zero in one version may not be in the other.
        public static class Ended
        {
            public static Task<T> With<T>(T result)
            {
                var source = new TaskCompletionSource<T>();
                source.SetResult(result);
                return source.Task;
            }
        }
        public static class Keyed
        {
            public static TD Of<TD, TE>(TD dictionary, TE[] items) where TD : IDictionary<string, TE>
            {
                for (var i = 0; i < items.Length; i++) dictionary["k" + i] = items[i];
                return dictionary;
            }
        }

        // Says all there is of a value: members of hot types, elements of collections, and which objects are one and the same.
        public sealed class Dump
        {
            private readonly Dictionary<object, int> _met = new((IEqualityComparer<object>)ReferenceEqualityComparer.Instance);
            private readonly System.Text.StringBuilder _text = new();

            public static string Of(object? value) { var dump = new Dump(); dump.Say(value, 0); return dump._text.ToString(); }

            private void Say(object? value, int depth)
            {
                if (value is null) { _text.Append("null"); return; }
                var type = value.GetType();
                if (depth > 60) { _text.Append("deep"); return; }
                if (value is string or decimal or DateTime or TimeSpan || type.IsPrimitive || type.IsEnum) { _text.Append(type.IsEnum ? type.Name + "." : "").Append(Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture)); return; }
                if (value is Delegate function) { _text.Append(function.Method.Name).Append('=').Append(function.DynamicInvoke(3)); return; }
                if (!type.IsValueType)
                {
                    if (_met.TryGetValue(value, out var number)) { _text.Append('@').Append(number); return; }
                    _met.Add(value, _met.Count);
                }
                if (!type.IsArray && type.Assembly == typeof(Dump).Assembly) { Members(value, type, depth); return; }
                if (value is System.Collections.IDictionary dictionary)
                {
                    _text.Append('{');
                    foreach (var key in dictionary.Keys.Cast<object>().OrderBy(key => key.ToString(), StringComparer.Ordinal).ToList()) { Say(key, depth + 1); _text.Append(':'); Say(dictionary[key], depth + 1); _text.Append(','); }
                    _text.Append('}');
                    return;
                }
                if (value is System.Collections.IEnumerable items)
                {
                    _text.Append('[');
                    if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>) && (bool)type.GetProperty("IsDefault")!.GetValue(value)!) { _text.Append("default]"); return; }
                    foreach (var item in items) { Say(item, depth + 1); _text.Append(','); }
                    _text.Append(']');
                    return;
                }
                _text.Append('(');
                foreach (var inner in Inner(value, type)) { Say(inner, depth + 1); _text.Append(';'); }
                _text.Append(')');
            }

            private static IEnumerable<object?> Inner(object value, Type type) => type.Name switch
            {
                "Memory`1" => [type.GetMethod("ToArray")!.Invoke(value, null)],
                "Lazy`1" => [type.GetProperty("Value")!.GetValue(value)],
                "Task`1" => [type.GetProperty("Result")!.GetValue(value)],
                "KeyValuePair`2" => [type.GetProperty("Key")!.GetValue(value), type.GetProperty("Value")!.GetValue(value)],
                "StrongBox`1" => [((System.Runtime.CompilerServices.IStrongBox)value).Value],
                _ => value is System.Runtime.CompilerServices.ITuple tuple ? Enumerable.Range(0, tuple.Length).Select(i => tuple[i]) : [value.ToString()],
            };

            private void Members(object value, Type type, int depth)
            {
                _text.Append(type.Name).Append('<');
                for (var at = type; at is not null && at.Assembly == type.Assembly; at = at.BaseType)
                {
                    foreach (var field in at.GetFields(System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.DeclaredOnly).OrderBy(field => field.Name, StringComparer.Ordinal))
                    {
                        _text.Append(field.Name).Append('=');
                        Say(field.GetValue(value), depth + 1);
                        _text.Append(' ');
                    }
                }
                _text.Append('>');
            }
        }
        """;

    private string Write()
    {
        var text = new StringBuilder();
        text.AppendLine($"public enum {family.Prefix}E {{ {(isNow ? "C = 1, B = 10, A = 5, D = 0" : "A, B, C")} }}");
        text.AppendLine($"public static class {family.Prefix}Fn {{ public static int F(int x) => x + {(isNow ? 100 : 1)}; public static int G(int x) => x * {(isNow ? 100 : 2)}; }}");

        foreach (var type in family.Types)
        {
            var declared = Declaration(type);
            text.AppendLine(isNow && type.IsMoved ? $"namespace {family.Prefix}Moved {{ {declared} }}" : declared);
        }

        text.AppendLine($"public static class {family.Prefix}T");
        text.AppendLine("{");
        text.AppendLine($"    public static object Make() {{ {Graph(member => true)} }}");
        text.AppendLine($"    public static string Check(object it) => Compare(it, Make());");
        text.AppendLine($"    public static string CheckBack(object it) => Compare(it, Back());");
        text.AppendLine($"    public static object Back() {{ {Graph(member => member.InNow)} }}");
        text.AppendLine("    private static string Compare(object it, object right) => Dump.Of(it) is var one && Dump.Of(right) is var other && one == other ? \"same\" : $\"{one}, and right were {other}\";");
        text.AppendLine("}");
        return text.ToString();
    }

    private string Declaration(FamilyType type)
    {
        var members = type.Members.Where(Has).ToList();

        // The order of members means nothing.
        if (isNow)
        {
            members.Reverse();
        }

        var keyword = type.Kind switch { FamilyKind.Struct => "struct", FamilyKind.Record => "record", _ => isNow && type.BecomesRecord ? "record" : "class" };
        var body = members.Where(member => member.Initial is not null && member.InBody).Select(member => $"{Written(member)} = {member.Initial};").ToList();
        return $"public {keyword} {type.Name}{(type.Parent is { } parent ? $" : {Name(parent)}" : "")} {{ {string.Join(' ', members.Select(Member))}{(body.Count > 0 ? $" public {type.Name}() {{ {string.Join(' ', body)} }}" : "")} }}";
    }

    private bool Has(FamilyMember member) => isNow ? member.InNow : member.InOld;

    private FamilyStyle Style(FamilyMember member) => isNow ? member.Now : member.Old;

    private string Written(FamilyMember member) => Style(member) == FamilyStyle.Private ? $"_{char.ToLowerInvariant(member.Name[0])}{member.Name[1..]}" : member.Name;

    private string Member(FamilyMember member)
    {
        var type = Type(member.Sort);
        var initial = member is { Initial: { } value, InBody: false } ? $" = {value}" : "";
        return Style(member) switch
        {
            FamilyStyle.Property => $"public {type} {member.Name} {{ get; set; }}{(initial.Length > 0 ? initial + ";" : "")}",
            FamilyStyle.Private => $"private {type} {Written(member)}{initial}; public void Set{member.Name}({type} value) => {Written(member)} = value;",
            _ => $"public {type} {member.Name}{initial};",
        };
    }

    private string Name(FamilyType type) => isNow && type.IsMoved ? $"{family.Prefix}Moved.{type.Name}" : type.Name;

    private string Type(FamilySort sort) => sort switch
    {
        FamilySort.Leaf leaf => isNow ? leaf.Now : leaf.Old,
        FamilySort.Enumeration => $"{family.Prefix}E",
        FamilySort.Function => "Func<int, int>",
        FamilySort.Hot hot => Name(hot.Type),
        FamilySort.Any => "object",
        FamilySort.Collection collection => With(Kind(collection).Type, Type(collection.Element), ""),
        _ => throw new InvalidOperationException($"No type of {sort}."),
    };

    private FamilyCollection Kind(FamilySort.Collection collection) => isNow ? collection.Now : collection.Old;

    private static string With(string pattern, string element, string items) =>
        System.Text.RegularExpressions.Regex.Replace(pattern, @"\bE\b", element).Replace("ITEMS", items, StringComparison.Ordinal);

    private string Text(FamilyValue value, Func<FamilyMember, bool> isSet) => value switch
    {
        FamilyValue.Text(var expression) => expression,
        FamilyValue.Object(var index) => $"v{index}",
        FamilyValue.Struct(var type, var members) => $"new {Name(type)} {{ {string.Join(", ", members.Where(entry => Has(entry.Member) && isSet(entry.Member)).Select(entry => $"{entry.Member.Name} = {Text(entry.Value, isSet)}"))} }}",
        FamilyValue.Items(var sort, var values) => With(Kind(sort).Make, Type(sort.Element), string.Join(", ", values.Select(item => Text(item, isSet)))),
        FamilyValue.Boxed(var sort, var inner) => $"(object){(inner is FamilyValue.Text { Expression: "null!" } ? "null!" : sort is FamilySort.Leaf or FamilySort.Enumeration ? $"({Type(sort)}){Text(inner, isSet)}" : Text(inner, isSet))}",
        _ => throw new InvalidOperationException($"No text of {value}."),
    };

    // First the objects, so that they can hold one another; then what is in them.
    private string Graph(Func<FamilyMember, bool> isSet)
    {
        var objects = family.Objects.Select((entry, i) => $"var v{i} = new {Name(entry.Type)}();");
        var members = family.Objects.SelectMany((entry, i) => entry.Members.Where(set => Has(set.Member) && isSet(set.Member)).Select(set => Style(set.Member) == FamilyStyle.Private
            ? $"v{i}.Set{set.Member.Name}({Text(set.Value, isSet)});"
            : $"v{i}.{set.Member.Name} = {Text(set.Value, isSet)};"));
        return string.Join(' ', objects.Concat(members).Append("return v0;"));
    }
}
