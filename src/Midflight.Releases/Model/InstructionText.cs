namespace Midflight.Releases;

/// <summary>Writes an instruction for a person, as the files write it.</summary>
internal static class InstructionText
{
    public static string Of(Instruction instruction) => instruction is Instruction.Malformed(var name, _, _)
        ? name
        : FileDoor.WriteLine(json => InstructionWriter.Write(json, instruction));
}
