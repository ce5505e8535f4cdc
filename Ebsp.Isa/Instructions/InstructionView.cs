using Ebsp.Isa.Machine;

namespace Ebsp.Isa.Instructions;

/// <summary>
/// An instruction, read once: its fields as numbers and enums, and what follows from them (pixels, taps, reduction length, bytes, the
/// memory that it reads and writes). The one reading of an instruction for the validator, the verifier, the compiler, both engines, the
/// timing model and the action counts.
/// </summary>
/// <remarks>
/// Defined for every instruction that decodes, valid or not: extents are at least 1, no pitch is negative, and no sum reaches 2^63.
/// </remarks>
public abstract class InstructionView
{
    private protected InstructionView(Instruction instruction, int index) => (Instruction, Index) = (instruction, index);

    /// <summary>What was read.</summary>
    public Instruction Instruction { get; }

    /// <summary>Position in its program; 0 for an instruction by itself.</summary>
    public int Index { get; }

    /// <summary>Operation code.</summary>
    public Opcode Opcode => Instruction.Opcode;

    /// <summary>The feature map that the instruction writes; null for transfers and control.</summary>
    public virtual WrittenMap? Result => null;

    /// <summary>Reads an instruction.</summary>
    /// <param name="instruction">Any instruction.</param>
    /// <param name="index">Its position in its program.</param>
    public static InstructionView Of(Instruction instruction, int index = 0)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        return instruction.Definition.View(instruction, index);
    }

    /// <summary>Cycles that the instruction computes in its unit on a machine, accesses to DRAM apart.</summary>
    /// <param name="arch">The machine.</param>
    /// <exception cref="OverflowException">More than 2^63 - 1.</exception>
    public virtual long Cycles(ArchSpec arch) => 1;

    /// <summary>The bytes of the operands, without the gaps between pixels and rows: first the reads, then the writes.</summary>
    /// <remarks>
    /// Channels count in whole groups of 8. Of a source only the rows and columns from the first to the last one count that some tap
    /// falls on.
    /// </remarks>
    /// <param name="constantsBytes">Size of the constants block of a VECTOR or HOST, see <see cref="VectorConstants.SizeBytes"/> and
    /// <see cref="ResponseConstants.SizeBytes"/>; 0 leaves the block out (nothing writes the tables region).</param>
    public PitchedRange[] Ranges(int constantsBytes = 0)
    {
        List<PitchedRange> ranges = new(4);
        AddRanges(ranges, constantsBytes);
        return [.. ranges];
    }

    /// <summary>The hulls of <see cref="Ranges"/>, from the first byte touched to the last, gaps included.</summary>
    /// <param name="constantsBytes">As for <see cref="Ranges"/>.</param>
    public MemoryRange[] Hulls(int constantsBytes = 0) => Array.ConvertAll(Ranges(constantsBytes), range => range.Hull);

    /// <summary>Adds what <see cref="Ranges"/> gives to a list, for those who read many instructions.</summary>
    /// <param name="ranges">The list.</param>
    /// <param name="constantsBytes">As for <see cref="Ranges"/>.</param>
    public abstract void AddRanges(List<PitchedRange> ranges, int constantsBytes = 0);

    private protected static PitchedRange Tensor(Field operand, Region region, in TensorOperand tensor, in Extents tile, bool write) =>
        new(operand, region, write, tensor.Address, TensorOperand.PixelBytes(tile.Channels, tensor.Format),
            tile.Columns, tensor.PixelPitch, tile.Rows, tensor.RowPitch, tile.Images, tensor.ImagePitch);

    // The rows and columns of a source from the first to the last one that some tap falls on; nothing where none does.
    private protected static void AddSource(List<PitchedRange> ranges, in TensorOperand source, in KernelGeometry kernel, in Extents tile,
        int channels)
    {
        (long firstRow, long lastRow) = kernel.RowAxis(tile.Rows).Touched();
        (long firstColumn, long lastColumn) = kernel.ColumnAxis(tile.Columns).Touched();
        if (firstRow > lastRow || firstColumn > lastColumn)
            return;
        Extents touched = new(tile.Images, (int)(lastRow - firstRow) + 1, (int)(lastColumn - firstColumn) + 1, channels);
        PitchedRange range = Tensor(Field.SrcAddress, Region.Buffer, source, touched, write: false);
        ranges.Add(range with { Start = range.Start + firstRow * range.RowPitch + firstColumn * range.PixelPitch });
    }

    private protected void AddConstants(List<PitchedRange> ranges, int bytes)
    {
        if (bytes > 0)
            ranges.Add(new PitchedRange(Field.Constants, Region.Tables, false, Instruction[Field.Constants], bytes));
    }
}
