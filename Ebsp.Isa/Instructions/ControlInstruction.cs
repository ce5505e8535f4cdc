namespace Ebsp.Isa.Instructions;

/// <summary>SYNC, MARK, PERF, NOP, END: no effect on data.</summary>
public sealed class ControlInstruction : InstructionView
{
    internal ControlInstruction(Instruction i, int index)
        : base(i, index)
    {
    }

    /// <inheritdoc/>
    public override void AddRanges(List<PitchedRange> ranges, int constantsBytes = 0)
    {
    }
}
