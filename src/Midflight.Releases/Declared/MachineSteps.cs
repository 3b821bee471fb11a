using System.Buffers.Binary;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Midflight.Releases.Declared;

/// <summary>What each instruction does that is no branch and no call.</summary>
internal sealed partial class Machine
{
    private void Step(Frame frame, IlReader.Instruction instruction)
    {
        var name = instruction.Code.Name!;
        var dot = name.IndexOf('.', StringComparison.Ordinal);

        switch (dot < 0 ? name : name[..dot])
        {
            case "nop" or "break" or "constrained" or "readonly" or "volatile" or "tail" or "unaligned":
                break;
            case "ldarg":
                frame.Push(frame.Arguments[frame.Index(instruction)]);
                break;
            case "starg":
                frame.Arguments[frame.Index(instruction)] = frame.Pop();
                break;
            case "ldarga":
                var argument = frame.Index(instruction);
                frame.Push(new DeclaredValue.Address(() => frame.Arguments[argument], value => frame.Arguments[argument] = value));
                break;
            case "ldloc":
                frame.Push(frame.Local(frame.Index(instruction)));
                break;
            case "stloc":
                frame.Local(frame.Index(instruction), frame.Pop());
                break;
            case "ldloca":
                var local = frame.Index(instruction);
                frame.Push(new DeclaredValue.Address(() => frame.Local(local), value => frame.Local(local, value)));
                break;
            case "ldnull":
                frame.Push(DeclaredValue.Nothing);
                break;
            case "ldc":
                frame.Push(new DeclaredValue.Constant(Constant(frame, instruction)));
                break;
            case "ldstr":
                frame.Push(new DeclaredValue.Constant(frame.Assembly.Metadata.GetUserString(MetadataTokens.UserStringHandle(instruction.Token(frame.Code.Il) & 0xFFFFFF))));
                break;
            case "dup":
                frame.Push(frame.Stack.Peek());
                break;
            case "pop":
                frame.Pop();
                break;
            case "add" or "sub" or "mul" or "div" or "rem" or "and" or "or" or "xor" or "shl" or "shr" or "ceq" or "cgt" or "clt":
                frame.Push(Arithmetic.Of(instruction.Code, null, [.. frame.Pop(2).Select(Read)]));
                break;
            case "neg" or "not" or "conv":
                frame.Push(Arithmetic.Of(instruction.Code, null, Read(frame.Pop())));
                break;
            case "box" or "isinst" or "unbox":
                frame.Push(Cast(frame, instruction));
                break;
            case "castclass":
                break;
            case "ldtoken" or "sizeof" or "ldftn":
                frame.Push(new DeclaredValue.Operation(instruction.Code, Token(frame, instruction), []));
                break;
            case "ldvirtftn":
                frame.Push(new DeclaredValue.Operation(instruction.Code, Token(frame, instruction), [frame.Pop()]));
                break;
            case "ldfld":
                frame.Push(LoadField(frame.Pop(), Field(frame, instruction)));
                break;
            case "ldflda":
                LoadFieldAddress(frame, instruction);
                break;
            case "stfld":
                var (target, stored) = (frame.Pop(2) is var pair ? pair[0] : null!, pair[1]);
                StoreField(target, Field(frame, instruction), stored, Token(frame, instruction));
                break;
            case "ldsfld" or "ldsflda":
                frame.Push(Static(frame, instruction));
                break;
            case "stsfld":
                StoreStatic(Field(frame, instruction), frame.Pop());
                break;
            case "initobj":
                Store(frame.Pop(), DeclaredValue.Nothing, instruction.Code, null);
                break;
            case "ldobj" or "ldind":
                frame.Push(Value(frame.Pop()));
                break;
            case "stobj" or "stind":
                var (place, content) = (frame.Pop(2) is var both ? both[0] : null!, both[1]);
                Store(place, content, instruction.Code, instruction.HasToken ? Token(frame, instruction) : null);
                break;
            case "newarr":
                frame.Push(new DeclaredValue.Made(new(DeclaredObjectKind.Array, Token(frame, instruction)) { Arguments = [Read(frame.Pop())] }));
                break;
            case "stelem":
                var element = frame.Pop(3);
                Change(element[0], new(instruction.Code, instruction.HasToken ? Token(frame, instruction) : null, [new DeclaredValue.Itself(), element[1], Held(element[2])]));
                break;
            case "ldelem":
                var (array, index) = (frame.Pop(2) is var two ? two[0] : null!, two[1]);
                frame.Push(Element(array, index));
                break;
            case "ldlen":
                frame.Push(frame.Pop() is DeclaredValue.Made { Object: { Kind: DeclaredObjectKind.Array, Arguments: [var length] } }
                    ? length : new DeclaredValue.Unknown("it depends on the length of an array"));
                break;
            case "call" or "callvirt" or "newobj":
                Invoke(frame, instruction);
                break;
            default:
                throw new CannotTellException($"{name} cannot be analysed");
        }
    }

    // What may mention a type argument of the method means nothing outside of it.
    private static CodeToken Token(Frame frame, IlReader.Instruction instruction) => frame.Method.Arity == 0 || !MentionsParameters(frame, instruction)
        ? frame.Token(instruction.Token(frame.Code.Il))
        : throw new CannotTellException($"{frame.Method} is generic");

    private static bool MentionsParameters(Frame frame, IlReader.Instruction instruction) => MetadataTokens.EntityHandle(instruction.Token(frame.Code.Il)) is var handle
        && (handle.Kind is HandleKind.MethodSpecification or HandleKind.TypeSpecification
            || (handle.Kind == HandleKind.MemberReference && frame.Assembly.Metadata.GetMemberReference((MemberReferenceHandle)handle).Parent.Kind == HandleKind.TypeSpecification));

    private static object Constant(Frame frame, IlReader.Instruction instruction)
    {
        var il = frame.Code.Il.AsSpan(instruction.Operand);
        return instruction.Code.Name switch
        {
            "ldc.i4.m1" => (object)-1,
            "ldc.i8" => (object)BinaryPrimitives.ReadInt64LittleEndian(il),
            "ldc.r4" => (object)BinaryPrimitives.ReadSingleLittleEndian(il),
            "ldc.r8" => (object)BinaryPrimitives.ReadDoubleLittleEndian(il),
            _ => (object)frame.Number(instruction),
        };
    }

    private static DeclaredValue Cast(Frame frame, IlReader.Instruction instruction)
    {
        var value = Read(frame.Pop());
        return value switch
        {
            // What it is made of fits, or the constructor would not have put it there.
            DeclaredValue.Constant { Value: null } when instruction.Code != OpCodes.Box => value,
            DeclaredValue.Made or DeclaredValue.Kept when instruction.Code.Name!.StartsWith("unbox", StringComparison.Ordinal) => new DeclaredValue.Unknown("it unboxes a value"),
            DeclaredValue.Made { Object.Kind: not DeclaredObjectKind.HotStruct } when instruction.Code == OpCodes.Box => value,

            // `box !!T`, to compare with null.
            _ when frame.Method.Arity > 0 && MentionsParameters(frame, instruction) => value is DeclaredValue.Argument ? Arithmetic.Computed(value) : new DeclaredValue.Unknown($"{frame.Method} is generic"),
            _ => Arithmetic.Of(instruction.Code, Token(frame, instruction), value),
        };
    }

    private static DeclaredField Field(Frame frame, IlReader.Instruction instruction)
    {
        var (declaring, name, _) = CodeLibrary.Field(frame.Assembly, instruction.Token(frame.Code.Il));
        return new((declaring as TypeName.Named)?.FullName ?? "", name);
    }

    private DeclaredValue LoadField(DeclaredValue target, DeclaredField field) => Value(target) switch
    {
        DeclaredValue.Self => kept.TryGetValue(field, out var member) ? new DeclaredValue.Kept(member) : Fields.GetValueOrDefault(field) ?? DeclaredValue.Nothing,
        DeclaredValue.Made { Object.Taint: { } why } => new DeclaredValue.Unknown(why),
        DeclaredValue.Made { Object: { Kind: DeclaredObjectKind.HotClass or DeclaredObjectKind.HotStruct } made } => made.Fields.GetValueOrDefault(field) ?? DeclaredValue.Nothing,
        DeclaredValue.Constant { Value: null } => DeclaredValue.Nothing,
        DeclaredValue.Unknown unknown => unknown,
        DeclaredValue.Argument argument => Arithmetic.Computed(argument),
        _ => new DeclaredValue.Unknown($"it depends on {field.Name} of another object"),
    };

    private void LoadFieldAddress(Frame frame, IlReader.Instruction instruction)
    {
        var (target, field, token) = (frame.Pop(), Field(frame, instruction), Token(frame, instruction));
        frame.Push(new DeclaredValue.Address(() => LoadField(target, field), value => StoreField(target, field, value, token)));
    }

    private void StoreField(DeclaredValue target, DeclaredField field, DeclaredValue value, CodeToken token)
    {
        value = Held(value);

        switch (target)
        {
            case DeclaredValue.Self:
                if (value is DeclaredValue.Argument(var index, _) { IsComputed: false } && kept.TryGetValue(field, out var member))
                {
                    Taken.TryAdd(index, member);
                }

                Fields[field] = value;
                break;
            case DeclaredValue.Made(var made):
                made.Fields[field] = value;
                break;

            // A struct is another value when a field of it has changed.
            case DeclaredValue.Address(var load, var store):
                var place = load() switch
                {
                    DeclaredValue.Made { Object: { Kind: DeclaredObjectKind.HotStruct } old } => old.Copy(),
                    DeclaredValue.Constant { Value: null } => new DeclaredObject(DeclaredObjectKind.HotStruct, token),
                    _ => null,
                };

                if (place is not null)
                {
                    place.Fields[field] = value;
                }

                store(place is null ? new DeclaredValue.Unknown("a part of a struct changes") : new DeclaredValue.Made(place));
                break;
        }
    }

    private DeclaredValue Static(Frame frame, IlReader.Instruction instruction)
    {
        var field = Field(frame, instruction);

        // The compiler keeps a delegate there when it has made it once; here it makes it.
        if (IsDelegateCache(field))
        {
            return DeclaredValue.Nothing;
        }

        var value = _statics.TryGetValue(field, out var own) ? own
            : library.Catalog.Find(field.Type) is null ? new DeclaredValue.Operation(OpCodes.Ldsfld, Token(frame, instruction), [])
            : StaticFields.Of(library, field) switch
            {
                null => new DeclaredValue.Unknown($"{CSharpName.Short(field.Type)}.{field.Name} is set by code with side effects"),
                (DeclaredValue.Constant or DeclaredValue.Unknown) and var known => known,
                _ => new DeclaredValue.Operation(OpCodes.Ldsfld, Token(frame, instruction), []),
            };
        return instruction.Code == OpCodes.Ldsfld ? value : new DeclaredValue.Address(() => value, changed => StoreStatic(field, changed));
    }

    private void StoreStatic(DeclaredField field, DeclaredValue value)
    {
        if (!IsDelegateCache(field))
        {
            // In a static constructor it is what the field holds; in another it is an effect, and the next object gets another value.
            _statics[field] = IsStatic ? Held(value) : new DeclaredValue.Unknown($"it counts in the static {CSharpName.Short(field.Type)}.{field.Name}");
        }
    }

    private static bool IsDelegateCache(DeclaredField field) =>
        field.Name.StartsWith("<>9__", StringComparison.Ordinal) || (field.Name.StartsWith('<') && field.Type.EndsWith("<>O", StringComparison.Ordinal));

    private static DeclaredValue Element(DeclaredValue array, DeclaredValue index)
    {
        if (array is DeclaredValue.Made { Object: { Kind: DeclaredObjectKind.Array, Taint: null } made } && index is DeclaredValue.Constant)
        {
            var last = made.Calls.LastOrDefault(call => call.Operands is [_, var at, _] && at.Equals(index));
            return last is not null ? last.Operands[2]
                : made.Calls.TrueForAll(call => call.Operands is [_, DeclaredValue.Constant, _]) ? DeclaredValue.Nothing
                : new DeclaredValue.Unknown("it depends on an element of an array");
        }

        return array is DeclaredValue.Argument or DeclaredValue.Unknown ? Arithmetic.Computed(array) : new DeclaredValue.Unknown("it depends on an element of an array");
    }

    private void Store(DeclaredValue place, DeclaredValue value, OpCode code, CodeToken? token)
    {
        switch (place)
        {
            case DeclaredValue.Address(_, var store):
                _stored = null;
                store(Held(value));
                _stored?.Invoke(code, token, value);
                _stored = null;
                break;

            // `this = default`, by which a struct begins.
            case DeclaredValue.Self when value is DeclaredValue.Constant { Value: null }:
                Fields.Clear();
                break;
            case DeclaredValue.Self:
                throw new CannotTellException("it is copied from another value");
        }
    }

    /// <summary>The value in a place, where the stack has its address.</summary>
    private static DeclaredValue Value(DeclaredValue value) => value is DeclaredValue.Address(var load, _) ? load() : value;

    /// <summary>A value that goes into a place: a struct as it is now.</summary>
    private static DeclaredValue Held(DeclaredValue value) => Value(value) is DeclaredValue.Made { Object: { Kind: DeclaredObjectKind.HotStruct } made }
        ? new DeclaredValue.Made(made.Copy())
        : Value(value);

    /// <summary>A value that is looked into: its content counts from here on.</summary>
    private static DeclaredValue Read(DeclaredValue value)
    {
        switch (Value(value))
        {
            case DeclaredValue.Kept(var member) when !Types.IsValue(member.Member.Type):
                return new DeclaredValue.Unknown($"it depends on {member.Member.Name}");
            case DeclaredValue.Self:
                return new DeclaredValue.Unknown("it is passed to code outside the application");
            case DeclaredValue.Made(var made) read:
                made.WasRead = true;
                return read;
            case var other:
                return other;
        }
    }

    private static void Change(DeclaredValue target, DeclaredValue.Operation call)
    {
        if (target is DeclaredValue.Made(var made))
        {
            made.Calls.Add(call);
            made.Taint ??= made.WasRead ? "it changes an object that it has passed on" : null;
        }
    }
}
