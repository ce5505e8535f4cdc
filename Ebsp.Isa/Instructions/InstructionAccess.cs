using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Instructions;

/// <summary>
/// The memory that an instruction reads and writes. One place for all who ask: the validator (is it inside the region?), the compiler
/// (which instructions must wait for one another?), the verifier.
/// </summary>
/// <remarks>
/// Channels count in whole groups of 8. Of a source window only the rows and columns from the first to the last one count that some
/// tap falls on. Defined for every instruction that decodes: extents are at least 1, no pitch is negative, and no sum reaches 2^63.
/// </remarks>
public static class InstructionAccess
{
    /// <summary>Entries of a LUT's table, one byte each.</summary>
    public const int LutBytes = 256;

    /// <summary>The hulls of an instruction's operands, from the first byte touched to the last, gaps between pixels and rows included:
    /// first the reads, then the writes.</summary>
    /// <param name="instruction">Any instruction.</param>
    /// <param name="constantsBytes">Size of the constants block of a VECTOR or HOST, see <see cref="VectorConstants.SizeBytes"/> and
    /// <see cref="ResponseConstants.SizeBytes"/>; 0 leaves the block out (nothing writes the tables region).</param>
    public static MemoryRange[] Of(Instruction instruction, int constantsBytes = 0) =>
        System.Array.ConvertAll(Pitched(instruction, constantsBytes), range => range.Hull);

    /// <summary>The bytes of an instruction's operands, without the gaps: first the reads, then the writes.</summary>
    /// <param name="instruction">Any instruction.</param>
    /// <param name="constantsBytes">As for <see cref="Of"/>.</param>
    public static PitchedRange[] Pitched(Instruction instruction, int constantsBytes = 0)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        List<PitchedRange> ranges = new(4);
        Add(ranges, instruction, constantsBytes);
        return [.. ranges];
    }

    /// <summary>Adds what <see cref="Pitched"/> gives to a list.</summary>
    internal static void Add(List<PitchedRange> ranges, Instruction instruction, int constantsBytes = 0)
    {
        switch (instruction.Opcode)
        {
            case Opcode.Load:
                ranges.Add(Dram(instruction, write: false));
                ranges.Add(DramBuffer(instruction, write: true));
                break;
            case Opcode.Store:
                ranges.Add(DramBuffer(instruction, write: false));
                ranges.Add(Dram(instruction, write: true));
                break;
            case Opcode.MatMul:
                ranges.Add(Tensor(instruction, Field.SrcAddress, Region.Buffer, instruction[Field.Images], 1, 1,
                    instruction[Field.SrcChannels], write: false));
                AddArray(ranges, instruction, pixels: instruction[Field.Images], taps: instruction[Field.SrcChannels]);
                break;
            case Opcode.Conv:
                AddWindow(ranges, instruction, instruction[Field.Groups] * instruction[Field.SrcChannels]);
                AddArray(ranges, instruction, Pixels(instruction), Taps(instruction) * instruction[Field.SrcChannels]);
                break;
            case Opcode.Depthwise:
                AddWindow(ranges, instruction,
                    (instruction[Field.Channels] + instruction[Field.Multiplier] - 1) / instruction[Field.Multiplier]);
                AddArray(ranges, instruction, Pixels(instruction), Taps(instruction));
                break;
            case Opcode.Vector:
                ranges.Add(Tile(instruction, Field.SrcAddress, instruction[Field.SrcSpace] == 0 ? Region.Buffer : Region.Psum,
                    instruction[Field.Channels], write: false));
                if (instruction[Field.AddGroups] > 0)
                    ranges.Add(Tile(instruction, Field.AddAddress, Region.Buffer, 8 * instruction[Field.AddGroups], write: false));
                if (constantsBytes > 0)
                    ranges.Add(Flat(instruction, Field.Constants, Region.Tables, constantsBytes, write: false));
                ranges.Add(Tile(instruction, Field.DstAddress, Region.Buffer, instruction[Field.Channels], write: true));
                break;
            case Opcode.Lut:
                ranges.Add(Tile(instruction, Field.SrcAddress, Region.Buffer, instruction[Field.Channels], write: false));
                ranges.Add(Flat(instruction, Field.Constants, Region.Tables, LutBytes, write: false));
                ranges.Add(Tile(instruction, Field.DstAddress, Region.Buffer, instruction[Field.Channels], write: true));
                break;
            case Opcode.Pool:
                AddWindow(ranges, instruction, instruction[Field.Channels]);
                ranges.Add(Tile(instruction, Field.DstAddress, instruction[Field.Mode] == 0 ? Region.Buffer : Region.Psum,
                    instruction[Field.Channels], write: true));
                break;
            case Opcode.Host:
                ranges.Add(Tensor(instruction, Field.SrcAddress, Region.Buffer, instruction[Field.Images], instruction[Field.SrcImageRows],
                    instruction[Field.SrcImageColumns], instruction[Field.SrcImageChannels], write: false));
                if (constantsBytes > 0)
                    ranges.Add(Flat(instruction, Field.Constants, Region.Tables, constantsBytes, write: false));
                ranges.Add(Tile(instruction, Field.DstAddress, Region.Buffer, instruction[Field.Channels], write: true));
                break;
            default:
                break;
        }
    }

    /// <summary>Bytes of the weights of one output channel: a code a tap, from one byte boundary to the next.</summary>
    public static long WeightBytes(Instruction instruction, long taps)
    {
        ArgumentNullException.ThrowIfNull(instruction);
        PatternFormat format = FormatField.Decode(instruction[Field.WeightFormat]);
        // Formats above 8 bits decode, though no valid instruction has them.
        int bits = format.Bits > PatternFormat.MaxOperandBits
            ? format.Bits
            : WeightPacking.Bits(format, (WeightCoding)instruction[Field.WeightCoding]);
        return (taps * bits + 7) / 8;
    }

    /// <summary>Bytes that a pixel of a LOAD or STORE takes in the buffer.</summary>
    public static long BufferPixelBytes(Instruction instruction) =>
        instruction[Field.ChannelGroups] * 8 * (instruction[Field.ElementBits] <= 8 ? 1 : instruction[Field.ElementBits] <= 16 ? 2 : 4);

    private static void AddArray(List<PitchedRange> ranges, Instruction i, long pixels, long taps)
    {
        long channels = i[Field.Channels];
        long psums = pixels * TensorOperand.PixelBytes((int)channels, PatternFormat.Int32);
        ranges.Add(Flat(i, Field.WeightAddress, Region.Buffer, channels * WeightBytes(i, taps), write: false));
        if (i[Field.Start] == 1)
            ranges.Add(Flat(i, Field.BiasAddress, Region.Buffer, 4 * channels, write: false));
        if (i[Field.Start] == 2)
            ranges.Add(Flat(i, Field.PsumAddress, Region.Psum, psums, write: false));
        ranges.Add(Flat(i, Field.PsumAddress, Region.Psum, psums, write: true));
    }

    private static void AddWindow(List<PitchedRange> ranges, Instruction i, long channels)
    {
        (long firstRow, long lastRow) = KernelAxis.Rows(i).Touched();
        (long firstColumn, long lastColumn) = KernelAxis.Columns(i).Touched();
        if (firstRow > lastRow || firstColumn > lastColumn)
            return;
        PitchedRange range = Tensor(i, Field.SrcAddress, Region.Buffer, i[Field.Images], lastRow - firstRow + 1,
            lastColumn - firstColumn + 1, channels, write: false);
        ranges.Add(range with { Start = range.Start + firstRow * range.RowPitch + firstColumn * range.PixelPitch });
    }

    private static PitchedRange Dram(Instruction i, bool write) => new(Field.DramAddress, (Region)i[Field.DramRegion], write,
        i[Field.DramAddress], i[Field.ChannelGroups] * i[Field.ElementBits],
        i[Field.Columns], i[Field.DramPixelPitch], i[Field.Rows], i[Field.DramRowPitch], i[Field.Images], i[Field.DramImagePitch]);

    private static PitchedRange DramBuffer(Instruction i, bool write) => new(Field.BufferAddress, Region.Buffer, write,
        i[Field.BufferAddress], BufferPixelBytes(i),
        i[Field.Columns], i[Field.BufferPixelPitch], i[Field.Rows], i[Field.BufferRowPitch], i[Field.Images], i[Field.BufferImagePitch]);

    private static PitchedRange Tile(Instruction i, Field first, Region region, long channels, bool write) =>
        Tensor(i, first, region, i[Field.Images], i[Field.Rows], i[Field.Columns], channels, write);

    private static PitchedRange Tensor(Instruction i, Field first, Region region, long images, long rows, long columns, long channels,
        bool write)
    {
        TensorOperand operand = TensorOperand.Read(i, first);
        return new PitchedRange(first, region, write, operand.Address, TensorOperand.PixelBytes((int)channels, operand.Format),
            columns, operand.PixelPitch, rows, operand.RowPitch, images, operand.ImagePitch);
    }

    private static PitchedRange Flat(Instruction i, Field first, Region region, long bytes, bool write) =>
        new(first, region, write, i[first], bytes);

    private static long Pixels(Instruction i) => i[Field.Images] * i[Field.Rows] * i[Field.Columns];

    private static long Taps(Instruction i) => i[Field.KernelRows] * i[Field.KernelColumns];
}
