using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Reflection;
using System.Reflection.Emit;

namespace Midflight.Releases;

/// <summary>Walks the instructions of a method body.</summary>
internal static class IlReader
{
    private static readonly FrozenDictionary<short, OpCode> s_codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToFrozenDictionary(code => code.Value);

    /// <summary>One instruction: its code, where its operand is, and the operand's length in bytes.</summary>
    public readonly record struct Instruction(OpCode Code, int Operand, int Length)
    {
        /// <summary>Whether the operand is a token of a type, a member, a signature or a string of the assembly.</summary>
        public bool HasToken => Code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineSig
            or OperandType.InlineString or OperandType.InlineTok or OperandType.InlineType;

        public int Token(ReadOnlySpan<byte> il) => BinaryPrimitives.ReadInt32LittleEndian(il[Operand..]);
    }

    public static List<Instruction> Read(ReadOnlySpan<byte> il)
    {
        var instructions = new List<Instruction>(il.Length / 2);

        for (var at = 0; at < il.Length;)
        {
            short value = il[at++];

            if (value == 0xFE)
            {
                value = (short)(0xFE00 | il[at++]);
            }

            var code = s_codes[value];
            var length = code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BinaryPrimitives.ReadInt32LittleEndian(il[at..])),
                _ => 4,
            };
            instructions.Add(new(code, at, length));
            at += length;
        }

        return instructions;
    }
}
