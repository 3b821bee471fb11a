namespace Midflight.Releases;

/// <summary>
/// One step of an upgrade: a <see cref="HighLevel"/> instruction says what has changed, a <see cref="LowLevel"/> one what a node does.
/// </summary>
public abstract record Instruction
{
    private protected Instruction() { }

    /// <summary>Something in a file in place of an instruction. Whatever would use it is refused.</summary>
    /// <param name="Name">The name of the intended instruction, if it can be told; otherwise the whole text.</param>
    /// <param name="Fault">What is wrong with it.</param>
    /// <param name="Error">Where it is, what was found and what was expected.</param>
    public sealed record Malformed(string Name, InstructionFault Fault, FileError Error) : Instruction;

    /// <summary>The instruction as a person reads it.</summary>
    public sealed override string ToString() => InstructionText.Of(this);
}
