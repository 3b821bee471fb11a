using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Midflight.Releases;

/// <summary>The code of one assembly. It is read on demand: rarely, and only for the types that need it.</summary>
/// <remarks>It does not keep a loaded assembly alive; an <see cref="OpenAssembly"/> does.</remarks>
internal abstract class AssemblyCode
{
    /// <summary>The metadata and the methods; null if the assembly no longer exists.</summary>
    public abstract OpenAssembly? Open();
}

/// <summary>The code of an assembly while it is being read.</summary>
/// <param name="metadata">Its metadata.</param>
/// <param name="body">Returns the body of a method, or null if it has none.</param>
/// <param name="owner">An object that has to live as long as this is used.</param>
internal sealed class OpenAssembly(MetadataReader metadata, Func<MethodDefinitionHandle, MethodCode?> body, object owner)
{
    private readonly object _owner = owner;
    private readonly Dictionary<MethodDefinitionHandle, MethodCode?> _bodies = [];
    private Dictionary<string, TypeDefinitionHandle>? _types;

    public MetadataReader Metadata { get; } = metadata;

    public TypeNames Names { get; } = new(metadata);

    /// <summary>Whether the code belongs to a loaded assembly, which this keeps in memory.</summary>
    public bool IsLoaded => _owner is System.Reflection.Assembly;

    public TypeDefinitionHandle? Find(string fullName)
    {
        _types ??= Metadata.TypeDefinitions.DistinctBy(handle => TypeNames.FullName(Metadata, handle)).ToDictionary(handle => TypeNames.FullName(Metadata, handle));
        return _types.TryGetValue(fullName, out var found) ? found : null;
    }

    /// <summary>What tokens stand for, and the methods of types. Read once.</summary>
    public Dictionary<int, Declared.CodeMethod> Methods { get; } = [];

    /// <inheritdoc cref="Methods"/>
    public Dictionary<int, (TypeName Declaring, string Name, TypeName Type)> Fields { get; } = [];

    /// <inheritdoc cref="Methods"/>
    public Dictionary<string, ImmutableArray<Declared.CodeMethod>> MethodsOf { get; } = [];

    public MethodCode? Body(MethodDefinitionHandle method)
    {
        if (!_bodies.TryGetValue(method, out var code))
        {
            _bodies.Add(method, code = body(method));
        }

        return code;
    }
}

/// <summary>A method's instructions.</summary>
/// <param name="Il">The bytes of the instructions.</param>
/// <param name="Finally">The regions that are left through a <c>finally</c>, innermost first.</param>
internal sealed record MethodCode(byte[] Il, ImmutableArray<FinallyRegion> Finally)
{
    private Dictionary<int, int>? _index;

    /// <summary>The instructions in order.</summary>
    public List<IlReader.Instruction> Instructions { get; } = IlReader.Read(Il);

    /// <summary>The index of the instruction at an offset.</summary>
    public int At(int offset)
    {
        _index ??= Instructions.Select((instruction, index) => (Start(instruction), index)).ToDictionary(pair => pair.Item1, pair => pair.index);
        return _index[offset];
    }

    /// <summary>Where an instruction starts.</summary>
    public static int Start(IlReader.Instruction instruction) => instruction.Operand - instruction.Code.Size;
}

/// <summary>A <c>try</c> with its <c>finally</c>, as offsets.</summary>
internal readonly record struct FinallyRegion(int Start, int End, int Handler);

/// <summary>The code in the bytes of a file.</summary>
internal sealed class ImageCode(PEReader file) : AssemblyCode
{
    private readonly OpenAssembly _open = new(file.GetMetadataReader(), method => Body(file, method), file);

    public override OpenAssembly Open() => _open;

    private static MethodCode? Body(PEReader file, MethodDefinitionHandle method)
    {
        if (file.GetMetadataReader().GetMethodDefinition(method).RelativeVirtualAddress is not (var address and not 0))
        {
            return null;
        }

        var body = file.GetMethodBody(address);
        return new(body.GetILBytes() ?? [],
        [
            .. body.ExceptionRegions.Where(region => region.Kind == ExceptionRegionKind.Finally)
                .Select(region => new FinallyRegion(region.TryOffset, region.TryOffset + region.TryLength, region.HandlerOffset)),
        ]);
    }
}
