using System.Reflection.Emit;

namespace Midflight.Releases.Declared;

/// <summary>Follows the instructions of one constructor along one path, with expressions in place of values.</summary>
/// <remarks>
/// Nothing runs: what has no effect becomes part of an expression, what has one is left out, and what depends on it is unknown. Where a
/// condition is open, <paramref name="path"/> decides, and the constructor is followed again for the other way.
/// </remarks>
internal sealed partial class Machine(CodeLibrary library, Shape root, IReadOnlyDictionary<DeclaredField, PlacedMember> kept, ConstructorPath path)
{
    private const int MostSteps = 5_000;
    private const int MostFrames = 24;

    private int _steps;
    private int _depth;
    private Action<OpCode, CodeToken?, DeclaredValue>? _stored;

    /// <summary>The fields of the object that are set so far.</summary>
    public Dictionary<DeclaredField, DeclaredValue> Fields { get; } = [];

    /// <summary>The members that are kept into which a parameter goes as it is, by the index of the parameter.</summary>
    public Dictionary<int, PlacedMember> Taken { get; } = [];

    public void Run(CodeMethod constructor, IEnumerable<DeclaredValue> arguments)
    {
        var frame = new Frame(constructor, new CodeScope(null, root.Name), [new DeclaredValue.Self(), .. arguments]);
        Follow(frame);
    }

    private DeclaredValue? Call(CodeMethod method, CodeScope scope, DeclaredValue[] arguments)
    {
        if (_depth >= MostFrames)
        {
            throw new CannotTellException($"{method} is called too deeply");
        }

        _depth++;

        try
        {
            return Follow(new Frame(method, scope, arguments));
        }
        finally
        {
            _depth--;
        }
    }

    // What the rest of a method that cannot be followed may change is unknown from there on.
    private DeclaredValue? Follow(Frame frame)
    {
        var at = 0;

        try
        {
            return Follow(frame, ref at);
        }
        catch (CannotTellException cannot)
        {
            Forget(frame, at, cannot.Message);
            return new DeclaredValue.Unknown(cannot.Message);
        }
    }

    private DeclaredValue? Follow(Frame frame, ref int at)
    {
        while (true)
        {
            if (++_steps > MostSteps || !path.GoesOn())
            {
                throw new CannotTellException($"{frame.Method} takes too many steps");
            }

            var instruction = frame.Code.Instructions[at];
            var next = at + 1;

            switch (instruction.Code.Name)
            {
                case "ret":
                    return frame.Stack.Count > 0 ? frame.Pop() : null;
                case "throw" or "rethrow":
                    throw new PathThrowsException();
                case "endfinally":
                    return null;
                case "leave" or "leave.s":
                    next = frame.Target(instruction);
                    Finally(frame, at, next);
                    frame.Stack.Clear();
                    break;
                case "br" or "br.s":
                    next = frame.Target(instruction);
                    break;
                case "switch":
                    next = Switch(frame, instruction) ?? next;
                    break;
                case var name when instruction.Code.FlowControl == FlowControl.Cond_Branch:
                    next = Decide(frame, at, Condition(frame, name!)) ? frame.Target(instruction) : next;
                    break;
                default:
                    Step(frame, instruction);
                    break;
            }

            at = next;
        }
    }

    private void Finally(Frame frame, int from, int to)
    {
        var (left, entered) = (MethodCode.Start(frame.Code.Instructions[from]), MethodCode.Start(frame.Code.Instructions[to]));

        foreach (var region in frame.Code.Finally.Where(region => region.Start <= left && left < region.End && !(region.Start <= entered && entered < region.End)))
        {
            var at = frame.Code.At(region.Handler);
            frame.Stack.Clear();
            Follow(frame, ref at);
        }
    }

    private static int? Switch(Frame frame, IlReader.Instruction instruction)
    {
        if (frame.Pop() is not DeclaredValue.Constant(int value))
        {
            throw new CannotTellException("it depends on a switch");
        }

        var cases = BitConverter.ToInt32(frame.Code.Il, instruction.Operand);
        return value < 0 || value >= cases ? null
            : frame.Code.At(instruction.Operand + instruction.Length + BitConverter.ToInt32(frame.Code.Il, instruction.Operand + 4 + (4 * value)));
    }

    private static (DeclaredValue Value, bool Wanted) Condition(Frame frame, string name)
    {
        name = name.EndsWith(".s", StringComparison.Ordinal) ? name[..^2] : name;

        if (name is "brtrue" or "brfalse")
        {
            return (frame.Pop(), name == "brtrue");
        }

        var operands = frame.Pop(2);
        var (code, wanted) = name switch
        {
            "beq" => (OpCodes.Ceq, true),
            "bne.un" => (OpCodes.Ceq, false),
            "blt" => (OpCodes.Clt, true),
            "blt.un" => (OpCodes.Clt_Un, true),
            "bgt" => (OpCodes.Cgt, true),
            "bgt.un" => (OpCodes.Cgt_Un, true),
            "bge" => (OpCodes.Clt, false),
            "bge.un" => (OpCodes.Clt_Un, false),
            "ble" => (OpCodes.Cgt, false),
            "ble.un" => (OpCodes.Cgt_Un, false),
            _ => throw new CannotTellException($"{name} cannot be analysed"),
        };
        return (Arithmetic.Of(code, null, [.. operands]), wanted);
    }

    private bool Decide(Frame frame, int at, (DeclaredValue Value, bool Wanted) condition)
    {
        if (Arithmetic.Truth(condition.Value) is { } truth)
        {
            return truth == condition.Wanted;
        }

        return frame.DecidesFirst(at)
            ? path.Decide(condition.Value) == condition.Wanted
            : throw new CannotTellException($"{frame.Method} has a loop");
    }

    /// <summary>Whatever the rest of a method may touch is unknown.</summary>
    private void Forget(Frame frame, int at, string why)
    {
        foreach (var field in library.Effects.From(frame.Method, at))
        {
            if (Fields.GetValueOrDefault(field) is DeclaredValue.Made(var made))
            {
                made.Taint = why;
            }

            if (!kept.ContainsKey(field))
            {
                Fields[field] = new DeclaredValue.Unknown(why);
            }
        }

        foreach (var made in frame.Values.OfType<DeclaredValue.Made>())
        {
            made.Object.Taint ??= why;
        }
    }
}
