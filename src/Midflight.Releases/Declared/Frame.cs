using System.Buffers.Binary;

namespace Midflight.Releases.Declared;

/// <summary>A method while its instructions are followed.</summary>
internal sealed class Frame(CodeMethod method, CodeScope scope, DeclaredValue[] arguments)
{
    private readonly Dictionary<int, DeclaredValue> _locals = [];
    private readonly HashSet<int> _decided = [];

    public CodeMethod Method { get; } = method;

    public CodeScope Scope { get; } = scope;

    public MethodCode Code { get; } = method.Body!;

    public OpenAssembly Assembly { get; } = method.Assembly!;

    public DeclaredValue[] Arguments { get; } = arguments;

    public Stack<DeclaredValue> Stack { get; } = new();

    public IEnumerable<DeclaredValue> Values => Stack.Concat(_locals.Values).Concat(Arguments);

    public DeclaredValue Local(int index) => _locals.GetValueOrDefault(index) ?? DeclaredValue.Nothing;

    public void Local(int index, DeclaredValue value) => _locals[index] = value;

    public DeclaredValue Pop() => Stack.TryPop(out var value) ? value : throw new CannotTellException("its code cannot be analysed");

    public DeclaredValue[] Pop(int count)
    {
        var values = new DeclaredValue[count];

        for (var i = count - 1; i >= 0; i--)
        {
            values[i] = Pop();
        }

        return values;
    }

    public void Push(DeclaredValue value) => Stack.Push(value);

    /// <summary>Whether a branch was not yet left open here: a second time would be a loop that only running it would end.</summary>
    public bool DecidesFirst(int at) => _decided.Add(at);

    public CodeToken Token(int token) => new(Scope, token);

    /// <summary>The number that stands behind an instruction, or in its name.</summary>
    public int Number(IlReader.Instruction instruction) => instruction.Length switch
    {
        1 => (sbyte)Code.Il[instruction.Operand],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(Code.Il.AsSpan(instruction.Operand)),
        4 => BinaryPrimitives.ReadInt32LittleEndian(Code.Il.AsSpan(instruction.Operand)),
        _ => instruction.Code.Name![^1] - '0',
    };

    /// <summary>The index of a local or argument: unsigned, where it is a byte.</summary>
    public int Index(IlReader.Instruction instruction) => instruction.Length == 1 ? Code.Il[instruction.Operand] : Number(instruction);

    /// <summary>The index of the instruction to which a branch goes.</summary>
    public int Target(IlReader.Instruction instruction) => Code.At(instruction.Operand + instruction.Length + Number(instruction));
}

/// <summary>The instructions cannot be followed further.</summary>
/// <param name="why">Why, to follow <c>as</c>.</param>
internal sealed class CannotTellException(string why) : Exception(why);

/// <summary>The path ends in an exception: no object comes of it.</summary>
internal sealed class PathThrowsException : Exception;
