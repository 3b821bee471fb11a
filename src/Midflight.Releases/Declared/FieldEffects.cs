using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace Midflight.Releases.Declared;

/// <summary>Which fields code may set, or may change the content of: its own instructions and those of all hot methods that it calls.</summary>
internal sealed class FieldEffects(CodeLibrary library)
{
    private readonly Dictionary<(OpenAssembly, MethodDefinitionHandle), (HashSet<DeclaredField> Fields, List<CodeMethod> Calls)> _own = [];
    private readonly Dictionary<(OpenAssembly, MethodDefinitionHandle), HashSet<DeclaredField>> _all = [];

    /// <summary>The effects of the instructions of a method that are reached from one of them.</summary>
    public HashSet<DeclaredField> From(CodeMethod method, int at)
    {
        var (fields, calls) = at == 0 ? Own(method) : Read(method, Reachable(method.Body!, at));
        var all = new HashSet<DeclaredField>(fields);
        calls.ForEach(call => all.UnionWith(All(call)));
        return all;
    }

    private HashSet<DeclaredField> All(CodeMethod method)
    {
        if (!_all.TryGetValue((method.Assembly!, method.Handle), out var all))
        {
            var seen = new HashSet<(OpenAssembly, MethodDefinitionHandle)>();
            var open = new Stack<CodeMethod>([method]);
            all = [];

            while (open.TryPop(out var next))
            {
                if (seen.Add((next.Assembly!, next.Handle)))
                {
                    var (fields, calls) = Own(next);
                    all.UnionWith(fields);
                    calls.ForEach(open.Push);
                }
            }

            _all.Add((method.Assembly!, method.Handle), all);
        }

        return all;
    }

    private (HashSet<DeclaredField> Fields, List<CodeMethod> Calls) Own(CodeMethod method)
    {
        if (!_own.TryGetValue((method.Assembly!, method.Handle), out var own))
        {
            _own.Add((method.Assembly!, method.Handle), own = Read(method, method.Body!.Instructions));
        }

        return own;
    }

    private (HashSet<DeclaredField> Fields, List<CodeMethod> Calls) Read(CodeMethod method, IEnumerable<IlReader.Instruction> instructions)
    {
        var (fields, calls) = (new HashSet<DeclaredField>(), new List<CodeMethod>());

        foreach (var instruction in instructions)
        {
            if (instruction.Code.OperandType == OperandType.InlineField)
            {
                var (declaring, name, type) = CodeLibrary.Field(method.Assembly!, instruction.Token(method.Body!.Il));

                if (declaring is TypeName.Named(var owner, _) && (instruction.Code != OpCodes.Ldfld || !Types.IsValue(type)))
                {
                    fields.Add(new(owner, name));
                }
            }
            else if (instruction.Code.OperandType == OperandType.InlineMethod)
            {
                var called = library.Method(method.Assembly!, instruction.Token(method.Body!.Il));
                calls.AddRange((called.IsVirtual ? Overrides(called) : [called]).Where(target => target.Body is not null));
            }
        }

        return (fields, calls);
    }

    private IEnumerable<CodeMethod> Overrides(CodeMethod called) =>
        library.Catalog.Derived(called.Type).Select(shape => library.Override(shape.Name, called)).OfType<CodeMethod>().Append(called);

    private static IEnumerable<IlReader.Instruction> Reachable(MethodCode code, int at)
    {
        var open = new Stack<int>([at]);
        var seen = new HashSet<int>();

        while (open.TryPop(out var next))
        {
            if (next >= code.Instructions.Count || !seen.Add(next))
            {
                continue;
            }

            var instruction = code.Instructions[next];
            yield return instruction;

            if (instruction.Code == OpCodes.Switch)
            {
                // All that is behind it.
                Enumerable.Range(next, code.Instructions.Count - next).ToList().ForEach(open.Push);
            }
            else if (instruction.Code.FlowControl is FlowControl.Branch or FlowControl.Cond_Branch)
            {
                var offset = instruction.Length == 1 ? (sbyte)code.Il[instruction.Operand] : BitConverter.ToInt32(code.Il, instruction.Operand);
                open.Push(code.At(instruction.Operand + instruction.Length + offset));
            }

            if (instruction.Code.FlowControl is not (FlowControl.Branch or FlowControl.Return or FlowControl.Throw))
            {
                open.Push(next + 1);
            }
        }
    }
}
