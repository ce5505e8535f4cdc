using System.Globalization;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Programs;

/// <summary>The rules of single instructions. Formats come before addresses, since sizes follow from them.</summary>
internal sealed class InstructionValidator(EbspProgram program, long codeOffset)
{
    // Constants blocks and tables already read: several tiles of a layer share theirs, and a hostile file could make all share a large one.
    private readonly HashSet<(long Address, long Channels, long Format, bool Product)> _constants = [];
    private readonly HashSet<(long Address, long Format)> _tables = [];
    private readonly HashSet<(long Address, long Source, long Result)> _responses = [];
    private readonly WorkLimit _work = new(program);

    // One list for all instructions: opening a model should leave little garbage.
    private readonly List<PitchedRange> _ranges = new(4);

    public void Check(int index)
    {
        Instruction i = program.Code[index];
        switch (i.Opcode)
        {
            case Opcode.Load or Opcode.Store:
                CheckTransfer(index, i);
                break;
            case Opcode.MatMul or Opcode.Conv or Opcode.Depthwise:
                CheckArray(index, i);
                break;
            case Opcode.Vector:
                CheckVector(index, i);
                break;
            case Opcode.Lut:
                CheckLutFormats(index, i);
                break;
            case Opcode.Pool:
                CheckPool(index, i);
                break;
            case Opcode.Host:
                CheckHost(index, i);
                break;
            case Opcode.Mark when i[Field.Label] >= program.Symbols.Length:
                throw Broken(ProgramRule.Label, index, $"label {i[Field.Label]} is none of {program.Symbols.Length} symbols");
            case Opcode.End:
                CheckEnd(index, i);
                break;
            default:
                break;
        }

        CheckPitches(index, i);
        _ranges.Clear();
        InstructionAccess.Add(_ranges, i);
        foreach (PitchedRange pitched in _ranges)
        {
            MemoryRange range = pitched.Hull;
            if (range.End > program.SizeOf(range.Region))
            {
                string name = i.Definition.Fields[i.Definition.IndexOf(range.Operand)].Name;
                throw Broken(ProgramRule.Address, index,
                    $"operand {name} reaches byte {range.End} of region {range.Region.ToString().ToLowerInvariant()}, which has " +
                        $"{program.SizeOf(range.Region)}");
            }
        }

        if (i.Opcode == Opcode.Lut)
            CheckLutTable(index, i);
        if (_work.Add(i) is { } excess)
            throw Broken(ProgramRule.Work, index, excess);
    }

    private void CheckEnd(int index, Instruction i)
    {
        if (index != program.Code.Length - 1)
            throw Broken(ProgramRule.End, index, "end stands before the last word");
        if (i.Definition.Fields.Any(field => i[field.Id] != 0))
            throw Broken(ProgramRule.End, index, "end neither waits nor signals");
    }

    private void CheckTransfer(int index, Instruction i)
    {
        if (i[Field.ElementBits] is not (<= 8 or 16 or 32))
            throw Broken(ProgramRule.TransferBits, index, $"elements have 1..8, 16 or 32 bits, not {i[Field.ElementBits]}");
        if (i.Opcode == Opcode.Store && (Region)i[Field.DramRegion] is not (Region.Output or Region.Arena))
            throw Broken(ProgramRule.StoreRegion, index,
                $"region {((Region)i[Field.DramRegion]).ToString().ToLowerInvariant()} is not written by programs");
    }

    private void CheckPitches(int index, Instruction i)
    {
        (long pixelBytes, long pixel, long row, long image) = i.Opcode switch
        {
            Opcode.Load => (InstructionAccess.BufferPixelBytes(i), i[Field.BufferPixelPitch], i[Field.BufferRowPitch],
                i[Field.BufferImagePitch]),
            Opcode.Store => (i[Field.ChannelGroups] * i[Field.ElementBits], i[Field.DramPixelPitch], i[Field.DramRowPitch],
                i[Field.DramImagePitch]),
            Opcode.Vector or Opcode.Lut or Opcode.Pool or Opcode.Host => Result(i),
            _ => default,
        };
        if (pixelBytes == 0)
            return;
        long rowBytes = (i[Field.Columns] - 1) * pixel + pixelBytes;
        long imageBytes = (i[Field.Rows] - 1) * row + rowBytes;
        if ((i[Field.Columns] > 1 && pixel < pixelBytes) || (i[Field.Rows] > 1 && row < rowBytes)
            || (i[Field.Images] > 1 && image < imageBytes))
            throw Broken(ProgramRule.Pitches, index, $"pixels of {pixelBytes} bytes overlap at pitches {pixel}, {row}, {image}");

        static (long PixelBytes, long Pixel, long Row, long Image) Result(Instruction i)
        {
            TensorOperand dst = TensorOperand.Read(i, Field.DstAddress);
            return (TensorOperand.PixelBytes((int)i[Field.Channels], dst.Format), dst.PixelPitch, dst.RowPitch, dst.ImagePitch);
        }
    }

    private void CheckArray(int index, Instruction i)
    {
        foreach (Field operand in (ReadOnlySpan<Field>)[Field.SrcFormat, Field.WeightFormat])
        {
            if (Format(i, operand) is var format && (!format.IsPattern || format.PatternLength > program.Arch.PatternLength))
                throw Broken(ProgramRule.ArrayFormat, index,
                    $"format {format} is no pattern format of at most k = {program.Arch.PatternLength}");
        }

        long channels = i[Field.Channels];
        long groups = i.Opcode == Opcode.Conv ? i[Field.Groups] : 1;
        if (channels % groups != 0 || (i.Opcode == Opcode.Depthwise && channels % i[Field.Multiplier] != 0))
            throw Broken(ProgramRule.Groups, index, $"{channels} channels are no multiple of the groups or of the multiplier");
        if (i.Opcode == Opcode.Conv && groups * i[Field.SrcChannels] > 65_535)
            throw Broken(ProgramRule.Groups, index, $"the input has {groups * i[Field.SrcChannels]} channels, more than 65535");
        if (i.Opcode != Opcode.Depthwise && channels / groups > program.Arch.Columns)
            throw Broken(ProgramRule.Fold, index, $"{channels / groups} output channels a fold on {program.Arch.Columns} columns");
    }

    private void CheckVector(int index, Instruction i)
    {
        bool product = i[Field.Mode] == 1;
        PatternFormat a = Format(i, Field.SrcFormat);
        PatternFormat b = Format(i, Field.AddFormat);
        PatternFormat dst = Format(i, Field.DstFormat);
        if (i[Field.SrcSpace] == 1 && a != PatternFormat.Int32)
            throw Broken(ProgramRule.VectorFormat, index, $"partial sums have format {PatternFormat.Int32}, not {a}");
        if (b.Bits > 16 || (product && a.Bits > 16))
            throw Broken(ProgramRule.VectorFormat, index, $"operand b and the factors of a product have at most 16 bits, not {a} and {b}");
        if (i[Field.Term] != 0 && dst.Kind != FormatKind.Window)
            throw Broken(ProgramRule.Term, index, $"format {dst} of the result holds no terms");
        if (i[Field.AddGroups] > 0 && i[Field.AddFirstGroup] + i[Field.AddGroups] > (i[Field.Channels] + 7) / 8)
            throw Broken(ProgramRule.AddGroups, index, $"the tile has {(i[Field.Channels] + 7) / 8} channel groups");
        if (!_constants.Add((i[Field.Constants], i[Field.Channels], i[Field.DstFormat], product)))
            return;
        if (!VectorConstants.TryRead(program.Tables.Span, i[Field.Constants], (int)i[Field.Channels], dst, product, out _,
            out string? error))
            throw Broken(ProgramRule.Constants, index, error!);
    }

    private void CheckLutFormats(int index, Instruction i)
    {
        if (Format(i, Field.SrcFormat).Bits > 8 || Format(i, Field.DstFormat).Bits > 8)
            throw Broken(ProgramRule.LutFormat, index,
                $"a table maps at most 8 bits to at most 8, not {Format(i, Field.SrcFormat)} to {Format(i, Field.DstFormat)}");
    }

    private void CheckLutTable(int index, Instruction i)
    {
        if (!_tables.Add((i[Field.Constants], i[Field.DstFormat])))
            return;
        PatternFormat dst = Format(i, Field.DstFormat);
        ReadOnlySpan<byte> table = program.Tables.Span.Slice((int)i[Field.Constants], InstructionAccess.LutBytes);
        for (int code = 0; code < table.Length; code++)
        {
            if (!SlotCode.TryDecode(table[code], dst, out _))
                throw Broken(ProgramRule.LutTable, index, $"entry {code} of its table, {table[code]}, is no code of {dst}");
        }
    }

    private void CheckPool(int index, Instruction i)
    {
        bool max = i[Field.Mode] == 0;
        PatternFormat src = Format(i, Field.SrcFormat);
        PatternFormat dst = Format(i, Field.DstFormat);
        if (src.Bits > 16 || dst != (max ? src : PatternFormat.Int32))
            throw Broken(ProgramRule.PoolFormat, index,
                $"{(max ? "max" : "sum")} of {src} cannot be {dst}: at most 16 bits in, the same out of max, s32 out of sum");
        if (max && !(KernelAxis.Rows(i).EveryWindowTouches() && KernelAxis.Columns(i).EveryWindowTouches()))
            throw Broken(ProgramRule.PoolWindow, index, "a window lies in the padding altogether");
    }

    private void CheckHost(int index, Instruction i)
    {
        if (i[Field.Step] >= program.HostSteps.Length)
            throw Broken(ProgramRule.HostStep, index, $"step {i[Field.Step]} is none of {program.HostSteps.Length}");
        if (program.HostSteps[(int)i[Field.Step]].Kind == HostStepKind.LocalResponse)
        {
            CheckLocalResponse(index, i);
            return;
        }

        long taken = i[Field.SrcImageRows] * i[Field.SrcImageColumns] * i[Field.SrcImageChannels];
        long given = i[Field.Rows] * i[Field.Columns] * i[Field.Channels];
        if (taken != given || i[Field.SrcFormat] != i[Field.DstFormat])
            throw Broken(ProgramRule.Reorder, index,
                $"{taken} elements of {Format(i, Field.SrcFormat)} cannot become {given} of {Format(i, Field.DstFormat)}");
    }

    private void CheckLocalResponse(int index, Instruction i)
    {
        PatternFormat src = Format(i, Field.SrcFormat);
        if (i[Field.SrcImageRows] != i[Field.Rows] || i[Field.SrcImageColumns] != i[Field.Columns]
            || i[Field.SrcImageChannels] != i[Field.Channels])
            throw Broken(ProgramRule.LocalResponse, index, $"source and result of a local response have one shape");
        if (src.Bits > 16)
            throw Broken(ProgramRule.LocalResponse, index, $"a local response reads at most 16 bits, not {src}");
        if (!_responses.Add((i[Field.Constants], i[Field.SrcFormat], i[Field.DstFormat])))
            return;
        if (!ResponseConstants.TryRead(program.Tables.Span, i[Field.Constants], src, Format(i, Field.DstFormat), out _, out string? error))
            throw Broken(ProgramRule.LocalResponse, index, error!);
    }

    private static PatternFormat Format(Instruction i, Field field) => FormatField.Decode(i[field]);

    private EbspFormatException Broken(ProgramRule rule, int index, string cause) => new(
        rule, codeOffset < 0 ? -1 : codeOffset + (long)index * Instruction.SizeBytes,
        string.Create(CultureInfo.InvariantCulture, $"instruction {index} ({program.Code[index].Definition.Mnemonic})"), cause);
}
