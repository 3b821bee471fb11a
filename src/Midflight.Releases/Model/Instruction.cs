namespace Midflight.Releases;

/// <summary>
/// One step of an upgrade: a <see cref="HighLevel"/> one says what has changed, a <see cref="LowLevel"/> one what a node does.
/// </summary>
public abstract record Instruction
{
    private protected Instruction() { }

    /// <summary>What stands in a file where an instruction should, and is none. Whoever would use it is refused.</summary>
    /// <param name="Name">The name of the instruction that was meant, if it can be told, else the whole text.</param>
    /// <param name="Fault">What is wrong with it.</param>
    /// <param name="Error">Where it stands, what was found and what was expected.</param>
    public sealed record Malformed(string Name, InstructionFault Fault, FileError Error) : Instruction;

    /// <summary>The instruction as a person reads it.</summary>
    public sealed override string ToString() => InstructionText.Of(this);
}
