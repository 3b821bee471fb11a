using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Midflight.Releases.Declared;

/// <summary>The code of all hot types of a release: finds what the tokens in it stand for.</summary>
internal sealed class CodeLibrary(ShapeCatalog catalog)
{
    private readonly Dictionary<AssemblyCode, OpenAssembly?> _open = new(ReferenceEqualityComparer.Instance);
    private FieldEffects? _effects;
    private HashSet<string>? _made;

    public ShapeCatalog Catalog => catalog;

    /// <summary>What the static fields of a type hold, once it was asked for.</summary>
    public Dictionary<string, IReadOnlyDictionary<DeclaredField, DeclaredValue>?> Statics { get; } = [];

    /// <summary>Which fields methods may change.</summary>
    public FieldEffects Effects => _effects ??= new(this);

    /// <summary>Lets go of the assemblies, so that a loaded one can be unloaded.</summary>
    public void Close()
    {
        if (_open.Values.Any(open => open is { IsLoaded: true }))
        {
            _open.Clear();
            _effects = null;
        }
    }

    public bool IsReadOnly(DeclaredField field) => AssemblyOf(field.Type) is { } assembly && assembly.Find(field.Type) is { } type
        && assembly.Metadata.GetTypeDefinition(type).GetFields().Select(assembly.Metadata.GetFieldDefinition)
            .Any(candidate => assembly.Metadata.GetString(candidate.Name) == field.Name && candidate.Attributes.HasFlag(FieldAttributes.InitOnly));

    /// <summary>The assembly of a hot type; null for another type, and where the assembly is gone.</summary>
    public OpenAssembly? AssemblyOf(string type)
    {
        if (catalog.CodeOf(type) is not { } code)
        {
            return null;
        }

        if (!_open.TryGetValue(code, out var open))
        {
            _open.Add(code, open = code.Open());
        }

        return open;
    }

    /// <summary>The method that a token names.</summary>
    public CodeMethod Method(OpenAssembly assembly, int token)
    {
        if (!assembly.Methods.TryGetValue(token, out var method))
        {
            assembly.Methods.Add(token, method = Read(assembly, token));
        }

        return method;
    }

    private CodeMethod Read(OpenAssembly assembly, int token)
    {
        var handle = MetadataTokens.EntityHandle(token);
        var arity = 0;

        if (handle.Kind == HandleKind.MethodSpecification)
        {
            var specification = assembly.Metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
            arity = specification.DecodeSignature(assembly.Names, null).Length;
            handle = specification.Method;
        }

        if (handle.Kind == HandleKind.MethodDefinition)
        {
            return Definition(assembly, (MethodDefinitionHandle)handle, null) with { Arity = arity };
        }

        var member = assembly.Metadata.GetMemberReference((MemberReferenceHandle)handle);
        var declaring = assembly.Names.Of(member.Parent);
        var name = assembly.Metadata.GetString(member.Name);
        var signature = member.DecodeMethodSignature(assembly.Names, null);
        var found = declaring is TypeName.Named(var type, _) && Find(type, name, signature) is { } own
            ? own with { Declaring = declaring }
            : new(declaring, name, signature);
        return found with { Arity = arity };
    }

    /// <summary>The field that a token names.</summary>
    public static (TypeName Declaring, string Name, TypeName Type) Field(OpenAssembly assembly, int token)
    {
        if (!assembly.Fields.TryGetValue(token, out var field))
        {
            assembly.Fields.Add(token, field = ReadField(assembly, token));
        }

        return field;
    }

    private static (TypeName Declaring, string Name, TypeName Type) ReadField(OpenAssembly assembly, int token)
    {
        var handle = MetadataTokens.EntityHandle(token);

        if (handle.Kind == HandleKind.FieldDefinition)
        {
            var field = assembly.Metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
            return (assembly.Names.Of(field.GetDeclaringType()), assembly.Metadata.GetString(field.Name), field.DecodeSignature(assembly.Names, null));
        }

        var member = assembly.Metadata.GetMemberReference((MemberReferenceHandle)handle);
        return (assembly.Names.Of(member.Parent), assembly.Metadata.GetString(member.Name), member.DecodeFieldSignature(assembly.Names, null));
    }

    /// <summary>The full name of the type whose method or field a token names.</summary>
    public string DeclaringType(OpenAssembly assembly, int token)
    {
        var handle = MetadataTokens.EntityHandle(token);
        var isField = handle.Kind == HandleKind.FieldDefinition || (handle.Kind == HandleKind.MemberReference
            && assembly.Metadata.GetMemberReference((MemberReferenceHandle)handle).GetKind() == MemberReferenceKind.Field);
        return ((isField ? Field(assembly, token).Declaring : Method(assembly, token).Declaring) as TypeName.Named)?.FullName ?? "";
    }

    /// <summary>The method that a call of a virtual one reaches in a value of just this hot type; null if that is not certain.</summary>
    public CodeMethod? Override(string type, CodeMethod called)
    {
        for (var shape = catalog.Find(type); shape is not null; shape = catalog.Find(shape.Parent))
        {
            // By name and count: the types of an override may say what those of the method leave open.
            var own = Methods(shape.Name).Where(method => method.Name == called.Name && method.IsVirtual
                && method.Signature.ParameterTypes.Length == called.Signature.ParameterTypes.Length
                && (!method.IsNewSlot || method.Type == called.Type || catalog.Find(called.Type)?.Kind == ShapeKind.Interface)).ToList();

            if (own.Count > 0)
            {
                return own.Count == 1 ? own[0] : own.FirstOrDefault(method => method.Signature.ParameterTypes.SequenceEqual(called.Signature.ParameterTypes));
            }
        }

        return null;
    }

    public ImmutableArray<CodeMethod> Methods(string type)
    {
        if (AssemblyOf(type) is not { } assembly || assembly.Find(type) is not { } handle)
        {
            return [];
        }

        if (!assembly.MethodsOf.TryGetValue(type, out var methods))
        {
            assembly.MethodsOf.Add(type, methods = [.. assembly.Metadata.GetTypeDefinition(handle).GetMethods().Select(method => Definition(assembly, method, type))]);
        }

        return methods;
    }

    /// <summary>The full names of all types of which code makes a value with <c>new</c>, or which it gives as a type argument, by which others may.</summary>
    public IReadOnlySet<string> Made => _made ??= [.. catalog.All.SelectMany(shape => Methods(shape.Name)).Where(method => method.Body is not null).SelectMany(MadeBy)];

    private IEnumerable<string> MadeBy(CodeMethod method)
    {
        foreach (var instruction in method.Body!.Instructions.Where(instruction => instruction.Code.OperandType is OperandType.InlineMethod or OperandType.InlineType or OperandType.InlineTok))
        {
            var handle = MetadataTokens.EntityHandle(instruction.Token(method.Body.Il));

            if (instruction.Code.Value == OpCodes.Newobj.Value)
            {
                yield return DeclaringType(method.Assembly!, MetadataTokens.GetToken(handle));
            }

            // `Make<T>()`, `typeof(T)`: what is done with it is not followed.
            foreach (var name in handle.Kind switch
            {
                HandleKind.MethodSpecification => method.Assembly!.Metadata.GetMethodSpecification((MethodSpecificationHandle)handle).DecodeSignature(method.Assembly.Names, null).SelectMany(Named),
                _ when instruction.Code.OperandType == OperandType.InlineTok && handle.Kind is HandleKind.TypeDefinition or HandleKind.TypeReference or HandleKind.TypeSpecification => Named(method.Assembly!.Names.Of(handle)),
                HandleKind.MemberReference when method.Assembly!.Metadata.GetMemberReference((MemberReferenceHandle)handle).Parent is { Kind: HandleKind.TypeSpecification } parent => Named(method.Assembly.Names.Of(parent)).Skip(1),
                _ => [],
            })
            {
                yield return name;
            }
        }
    }

    private static IEnumerable<string> Named(TypeName type) => type switch
    {
        TypeName.Named(var name, var arguments) => arguments.SelectMany(Named).Prepend(name),
        TypeName.Array(var element, _) => Named(element),
        _ => [],
    };

    /// <summary>What the fields, methods, properties and events of a type are called.</summary>
    public IEnumerable<string> Names(string type) => AssemblyOf(type) is { } assembly && assembly.Find(type) is { } handle
        && assembly.Metadata.GetTypeDefinition(handle) is var definition
        ? [
            .. definition.GetFields().Select(field => assembly.Metadata.GetString(assembly.Metadata.GetFieldDefinition(field).Name)),
            .. definition.GetProperties().Select(property => assembly.Metadata.GetString(assembly.Metadata.GetPropertyDefinition(property).Name)),
            .. definition.GetEvents().Select(@event => assembly.Metadata.GetString(assembly.Metadata.GetEventDefinition(@event).Name)),
            .. Methods(type).Select(method => method.Name),
        ]
        : [];

    private CodeMethod? Find(string type, string name, MethodSignature<TypeName> signature) => Methods(type).FirstOrDefault(method =>
        method.Name == name && method.Signature.GenericParameterCount == signature.GenericParameterCount
        && method.Signature.ParameterTypes.SequenceEqual(signature.ParameterTypes));

    private static CodeMethod Definition(OpenAssembly assembly, MethodDefinitionHandle handle, string? type)
    {
        var method = assembly.Metadata.GetMethodDefinition(handle);
        var declaring = type is null ? assembly.Names.Of(method.GetDeclaringType()) : new TypeName.Named(type);
        return new(declaring, assembly.Metadata.GetString(method.Name), method.DecodeSignature(assembly.Names, null))
        {
            Assembly = assembly,
            Handle = handle,
            IsVirtual = method.Attributes.HasFlag(MethodAttributes.Virtual),
            IsNewSlot = method.Attributes.HasFlag(MethodAttributes.NewSlot),
        };
    }
}

/// <summary>A method as code names it.</summary>
internal sealed record CodeMethod(TypeName Declaring, string Name, MethodSignature<TypeName> Signature)
{
    /// <summary>The assembly that it is in, where it is hot.</summary>
    public OpenAssembly? Assembly { get; init; }

    public MethodDefinitionHandle Handle { get; init; }

    public bool IsVirtual { get; init; }

    public bool IsNewSlot { get; init; }

    /// <summary>How many type arguments of its own it is called with.</summary>
    public int Arity { get; init; }

    public bool IsStatic => !Signature.Header.IsInstance;

    public bool IsConstructor => Name == ".ctor";

    public string Type => (Declaring as TypeName.Named)?.FullName ?? "";

    public MethodCode? Body => Handle.IsNil ? null : Assembly?.Body(Handle);

    public override string ToString() => $"{CSharpName.Short(Type)}.{Name}";
}
