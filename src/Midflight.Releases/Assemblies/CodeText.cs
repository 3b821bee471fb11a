using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Midflight.Releases;

/// <summary>Writes a type as text without anything that a rebuild may change, and hashes it.</summary>
/// <remarks>
/// Tokens become the names that they stand for. The order of members, addresses, the module's id, and the numbers and paths in
/// compiler-generated names do not count.
/// </remarks>
internal sealed partial class CodeText
{
    private readonly MetadataReader _metadata;
    private readonly Func<MethodDefinitionHandle, MethodBodyBlock?> _body;
    private readonly TypeNames _names;
    private readonly Dictionary<string, Generated> _generated;
    private readonly HashSet<string> _open = [];

    /// <param name="metadata">The metadata of the assembly.</param>
    /// <param name="body">Returns the bodies of its methods.</param>
    /// <param name="generated">The compiler-generated types written so far: shared by all types of an assembly.</param>
    public CodeText(MetadataReader metadata, Func<MethodDefinitionHandle, MethodBodyBlock?> body, Dictionary<string, Generated> generated)
    {
        (_metadata, _body, _generated) = (metadata, body, generated);
        _names = new(metadata, (assembly, name) => Uses.Add((assembly, name.Split('+')[0])));
    }

    /// <summary>The types mentioned so far.</summary>
    public HashSet<(string? Assembly, string FullName)> Uses { get; } = [];

    public string Hash(TypeDefinitionHandle handle)
    {
        var name = TypeNames.FullName(_metadata, handle);
        return Digest($"{FileLocal().Replace(name, "<")}\n{Content(handle)}");
    }

    internal static string Digest(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    // Assemblies are named without their version, so that a new version number alone changes nothing.
    [GeneratedRegex(@", Version=[0-9.]+")]
    private static partial Regex AssemblyVersion();

    // `<Counter>F1A2B…__Step`: the hash of the file's path.
    [GeneratedRegex("<(?=[^>]*>F[0-9A-F]{16,}__)[^>]*>F[0-9A-F]+__")]
    private static partial Regex FileLocal();

    private string Content(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        var members = new List<string>();
        members.AddRange(type.GetFields().Select(Field));
        members.AddRange(type.GetMethods().Select(Method));
        members.AddRange(type.GetProperties().Select(_metadata.GetPropertyDefinition)
            .Select(property => $"property {Text(property.Name)}{AttributesOf(property.GetCustomAttributes())}"));
        members.AddRange(type.GetEvents().Select(_metadata.GetEventDefinition)
            .Select(@event => $"event {Text(@event.Name)}{AttributesOf(@event.GetCustomAttributes())}"));
        members.AddRange(type.GetNestedTypes().Select(nested => $"type {Text(_metadata.GetTypeDefinition(nested).Name)} {Content(nested)}"));
        members.Sort(StringComparer.Ordinal);

        var interfaces = type.GetInterfaceImplementations().Select(_metadata.GetInterfaceImplementation)
            .Select(implementation => Name(implementation.Interface)).Order(StringComparer.Ordinal);
        var parent = type.BaseType.IsNil ? "" : Name(type.BaseType);
        return $"{type.Attributes} : {parent}, {string.Join(", ", interfaces)}{Generics(type.GetGenericParameters())}" +
            $"{AttributesOf(type.GetCustomAttributes())}\n{{\n{string.Join('\n', members)}\n}}";
    }

    private string Field(FieldDefinitionHandle handle)
    {
        var field = _metadata.GetFieldDefinition(handle);
        var constant = field.GetDefaultValue() is { IsNil: false } value ? $" = {Constant(value)}" : "";
        return $"field {field.Attributes} {Full(field.DecodeSignature(_names, null))} {Text(field.Name)}{constant}{AttributesOf(field.GetCustomAttributes())}";
    }

    private string Method(MethodDefinitionHandle handle)
    {
        var method = _metadata.GetMethodDefinition(handle);
        var parameters = method.GetParameters().Select(_metadata.GetParameter).Select(parameter =>
            $"{parameter.SequenceNumber} {parameter.Attributes} {Text(parameter.Name)}" +
            $"{(parameter.GetDefaultValue() is { IsNil: false } value ? Constant(value) : "")}{AttributesOf(parameter.GetCustomAttributes())}");
        return $"method {method.Attributes} {method.ImplAttributes} {Text(method.Name)}{Signature(method.DecodeSignature(_names, null))}" +
            $"{Generics(method.GetGenericParameters())} ({string.Join("; ", parameters)}){AttributesOf(method.GetCustomAttributes())}" +
            $"{(_body(handle) is { } body ? Body(body) : "")}";
    }

    private string Body(MethodBodyBlock body)
    {
        var text = new StringBuilder("\n");
        var il = body.GetILBytes() ?? [];

        if (!body.LocalSignature.IsNil)
        {
            text.AppendJoin(", ", _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(_names, null).Select(Full)).Append('\n');
        }

        foreach (var region in body.ExceptionRegions)
        {
            text.Append(region.Kind).Append(' ').Append(region.TryOffset).Append(' ').Append(region.TryLength).Append(' ')
                .Append(region.HandlerOffset).Append(' ').Append(region.HandlerLength).Append(' ').Append(region.FilterOffset).Append(' ')
                .Append(region.CatchType.IsNil ? "" : Name(region.CatchType)).Append('\n');
        }

        foreach (var instruction in IlReader.Read(il))
        {
            text.Append(instruction.Code.Name).Append(' ').Append(instruction.HasToken
                ? Token(BinaryPrimitives.ReadInt32LittleEndian(il.AsSpan(instruction.Operand)))
                : Convert.ToHexString(il, instruction.Operand, instruction.Length)).Append('\n');
        }

        return text.ToString();
    }

    private string Token(int token)
    {
        if (token >> 24 == 0x70)
        {
            return $"\"{_metadata.GetUserString(MetadataTokens.UserStringHandle(token & 0xFFFFFF))}\"";
        }

        return Name(MetadataTokens.EntityHandle(token));
    }

    private string Name(EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.FieldDefinition:
                var field = _metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
                return $"{Name(field.GetDeclaringType())}::{Text(field.Name)}";
            case HandleKind.MethodDefinition:
                var method = _metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                return $"{Name(method.GetDeclaringType())}::{Text(method.Name)}{Signature(method.DecodeSignature(_names, null))}";
            case HandleKind.MemberReference:
                var member = _metadata.GetMemberReference((MemberReferenceHandle)handle);
                return $"{Name(member.Parent)}::{Text(member.Name)}" + (member.GetKind() == MemberReferenceKind.Field
                    ? Full(member.DecodeFieldSignature(_names, null))
                    : Signature(member.DecodeMethodSignature(_names, null)));
            case HandleKind.MethodSpecification:
                var specification = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                return $"{Name(specification.Method)}<{string.Join(", ", specification.DecodeSignature(_names, null).Select(Full))}>";
            case HandleKind.StandaloneSignature:
                return Signature(_metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle).DecodeMethodSignature(_names, null));
            default:
                return Full(_names.Of(handle));
        }
    }

    private string Signature(MethodSignature<TypeName> signature) =>
        $"`{signature.GenericParameterCount}({string.Join(", ", signature.ParameterTypes.Select(Full))}) {signature.Header.IsInstance} {Full(signature.ReturnType)}";

    private string Generics(GenericParameterHandleCollection parameters) => parameters.Count == 0 ? "" : "<" + string.Join(", ",
        parameters.Select(_metadata.GetGenericParameter).Select(parameter => $"{parameter.Attributes} " + string.Join(" ",
            parameter.GetConstraints().Select(_metadata.GetGenericParameterConstraint).Select(constraint => Name(constraint.Type))))) + ">";

    private string AttributesOf(CustomAttributeHandleCollection attributes) => string.Concat(attributes.Select(_metadata.GetCustomAttribute)
        .Select(attribute => $" [{Attributes.NameOf(_metadata, attribute)} {Value(attribute)}]").Order(StringComparer.Ordinal));

    private string Value(CustomAttribute attribute) =>
        AssemblyVersion().Replace(Encoding.Latin1.GetString(_metadata.GetBlobBytes(attribute.Value)), "");

    private string Constant(ConstantHandle handle)
    {
        var constant = _metadata.GetConstant(handle);
        return $"{constant.TypeCode} {Convert.ToHexString(_metadata.GetBlobBytes(constant.Value))}";
    }

    private string Text(StringHandle handle) => FileLocal().Replace(_metadata.GetString(handle), "<");

    private string Full(TypeName type) => type switch
    {
        TypeName.Named(var name, var arguments) =>
            (name.StartsWith("<>", StringComparison.Ordinal) ? Anonymous(name) : FileLocal().Replace(name, "<"))
            + (arguments.IsEmpty ? "" : $"<{string.Join(", ", arguments.Select(Full))}>"),
        TypeName.Array(var element, var rank) => $"{Full(element)}[{rank}]",
        TypeName.Parameter(var index) => $"!{index}",
        _ => type.ToString()!,
    };

    // The compiler numbers its own types through the whole assembly (`<>f__AnonymousType3`), so only their content counts.
    private string Anonymous(string name)
    {
        // Inside another such type, the content of this one depends on the types around it.
        if (_open.Count > 0)
        {
            return Written(name);
        }

        if (!_generated.TryGetValue(name, out var generated))
        {
            var alone = new CodeText(_metadata, _body, _generated);
            _generated[name] = generated = new(alone.Written(name), alone.Uses);
        }

        Uses.UnionWith(generated.Uses);
        return generated.Text;
    }

    private string Written(string name)
    {
        if (!_open.Add(name))
        {
            return "<self>";
        }

        try
        {
            var handle = _metadata.TypeDefinitions.FirstOrDefault(handle => TypeNames.FullName(_metadata, handle) == name.Split('+')[0]);
            return handle.IsNil ? name : $"<{Digest(Content(handle))}>{name[name.Split('+')[0].Length..]}";
        }
        finally
        {
            _open.Remove(name);
        }
    }

    /// <summary>A compiler-generated type as it appears in the text of others.</summary>
    /// <param name="Text">Its digest, and the part of it that is meant.</param>
    /// <param name="Uses">The types mentioned in it.</param>
    internal sealed record Generated(string Text, HashSet<(string? Assembly, string FullName)> Uses);
}
