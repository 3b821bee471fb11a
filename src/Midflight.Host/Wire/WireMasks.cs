using System.Collections.Concurrent;
using System.IO.Enumeration;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Midflight.Host;

/// <summary>Which members hold secrets, so that what they hold is not written.</summary>
/// <param name="patterns">Names of members, or of types and members: <c>*password*</c>, <c>Customer.Card</c>. Capitals do not matter; <c>*</c> and <c>?</c> stand for any letters.</param>
internal sealed class WireMasks(IReadOnlyList<string> patterns)
{
    private readonly ConditionalWeakTable<Type, ConcurrentDictionary<FieldInfo, bool>> _known = [];

    /// <summary>Whether a member is a secret: by <see cref="SecretAttribute"/> on it or on its type, or by a pattern.</summary>
    public bool Hides(FieldInfo field) => _known.GetValue(field.DeclaringType!, static _ => []).GetOrAdd(field, static (field, masks) => masks.Look(field), this);

    private bool Look(FieldInfo field)
    {
        var name = Wording.Member(field);
        var type = field.DeclaringType!;
        return IsSecret(field) || IsSecret(Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType) || IsSecret(type)
            || type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly).Any(property => property.Name == name && IsSecret(property))
            || type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).SelectMany(constructor => constructor.GetParameters())
                .Any(parameter => parameter.Name == name && parameter.IsDefined(typeof(SecretAttribute), inherit: false))
            || patterns.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, pattern.Contains('.', StringComparison.Ordinal) ? $"{type.Name}.{name}" : name, ignoreCase: true));
    }

    private static bool IsSecret(MemberInfo member) => member.IsDefined(typeof(SecretAttribute), inherit: true);
}
