using System.Globalization;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Programs;

/// <summary>The rules of single instructions. Formats come before addresses, since sizes follow from them.</summary>
internal sealed class InstructionValidator(EbspProgram program, long codeOffset)
{
    // Constants blocks and tables already read: several tiles of a layer share theirs, and a hostile file could make all share a large one.
    private readonly HashSet<(long Address, int Channels, PatternFormat Format, bool Product)> _constants = [];
    private readonly HashSet<(long Address, PatternFormat Format)> _tables = [];
    private readonly HashSet<(long Address, PatternFormat Source, PatternFormat Result)> _responses = [];
    private readonly WorkLimit _work = new(program);

    // One list for all instructions: opening a model should leave little garbage.
    private readonly List<PitchedRange> _ranges = new(4);

    public void Check(int index)
    {
        Instruction i = program.Code[index];
        InstructionView view = InstructionView.Of(i, index);
        switch (view)
        {
            case TransferInstruction transfer:
                CheckTransfer(transfer);
                break;
            case ArrayInstruction array:
                CheckArray(array);
                break;
            case VectorInstruction vector:
                CheckVector(vector);
                break;
            case LutInstruction lut:
                CheckLutFormats(lut);
                break;
            case PoolInstruction pool:
                CheckPool(pool);
                break;
            case HostInstruction host:
                CheckHost(host);
                break;
            case { Opcode: Opcode.Mark } when i[Field.Label] >= program.Symbols.Length:
                throw Broken(ProgramRule.Label, index, $"label {i[Field.Label]} is not one of the {program.Symbols.Length} symbols");
            case { Opcode: Opcode.End }:
                CheckEnd(index, i);
                break;
            default:
                break;
        }

        CheckPitches(view);
        _ranges.Clear();
        view.AddRanges(_ranges);
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

        if (view is LutInstruction table)
            CheckLutTable(table);
        if (_work.Add(view) is { } excess)
            throw Broken(ProgramRule.Work, index, excess);
    }

    private void CheckEnd(int index, Instruction i)
    {
        if (index != program.Code.Length - 1)
            throw Broken(ProgramRule.End, index, "end stands before the last word");
        if (i.Definition.Fields.Any(field => i[field.Id] != 0))
            throw Broken(ProgramRule.End, index, "end neither waits nor signals");
    }

    private void CheckTransfer(TransferInstruction i)
    {
        if (i.Bits is not (<= 8 or 16 or 32))
            throw Broken(ProgramRule.TransferBits, i.Index, $"elements have 1..8, 16 or 32 bits, not {i.Bits}");
        if (i.Store && i.Region is not (Region.Output or Region.Arena))
            throw Broken(ProgramRule.StoreRegion, i.Index, $"region {i.Region.ToString().ToLowerInvariant()} is not written by programs");
    }

    private void CheckPitches(InstructionView view)
    {
        switch (view)
        {
            case TransferInstruction { Store: false } load:
                CheckPitches(load.Index, load.Tile, load.BufferPixelBytes, load.Buffer);
                break;
            case TransferInstruction store:
                CheckPitches(store.Index, store.Tile, store.DramPixelBytes, store.Dram);
                break;
            case VectorInstruction vector:
                CheckPitches(vector.Index, vector.Tile, vector.Destination);
                break;
            case LutInstruction lut:
                CheckPitches(lut.Index, lut.Tile, lut.Destination);
                break;
            case PoolInstruction pool:
                CheckPitches(pool.Index, pool.Tile, pool.Destination);
                break;
            case HostInstruction host:
                CheckPitches(host.Index, host.Tile, host.Destination);
                break;
            default:
                break;
        }
    }

    private void CheckPitches(int index, in Extents tile, in TensorOperand result) => CheckPitches(index, tile,
        TensorOperand.PixelBytes(tile.Channels, result.Format),
        new Pitches(result.Address, result.PixelPitch, result.RowPitch, result.ImagePitch));

    // What is written may not overlap itself.
    private void CheckPitches(int index, in Extents tile, long pixelBytes, in Pitches at)
    {
        long rowBytes = (tile.Columns - 1) * at.Pixel + pixelBytes;
        long imageBytes = (tile.Rows - 1) * at.Row + rowBytes;
        if ((tile.Columns > 1 && at.Pixel < pixelBytes) || (tile.Rows > 1 && at.Row < rowBytes)
            || (tile.Images > 1 && at.Image < imageBytes))
            throw Broken(ProgramRule.Pitches, index, $"pixels of {pixelBytes} bytes overlap at pitches {at.Pixel}, {at.Row}, {at.Image}");
    }

    private void CheckArray(ArrayInstruction i)
    {
        foreach (PatternFormat format in (ReadOnlySpan<PatternFormat>)[i.Source.Format, i.WeightFormat])
        {
            if (!format.IsPattern || format.PatternLength > program.Arch.PatternLength)
                throw Broken(ProgramRule.ArrayFormat, i.Index,
                    $"format {format} is no pattern format of at most k = {program.Arch.PatternLength}");
        }

        int channels = i.Tile.Channels;
        bool isDepthwise = i.Opcode == Opcode.Depthwise;
        if (channels % (isDepthwise ? i.Multiplier : i.Groups) != 0)
            throw Broken(ProgramRule.Groups, i.Index, $"{channels} channels are no multiple of the groups or of the multiplier");
        if (i.Opcode == Opcode.Conv && i.InputChannels > 65_535)
            throw Broken(ProgramRule.Groups, i.Index, $"the input has {i.InputChannels} channels, more than 65535");
        if (program.Arch.DepthwiseMapping != DepthwiseMapping.Unrolled)
        {
            if (!isDepthwise && i.GroupChannels > program.Arch.Columns)
                throw Broken(ProgramRule.Fold, i.Index, $"{i.GroupChannels} output channels a fold on {program.Arch.Columns} columns");
            if (i.Unrolled > 1)
                throw Broken(ProgramRule.Fold, i.Index, "several output pixels stand side by side on a machine that does not unroll");
        }
        else if (i.Unrolled > 1 && (long)i.Unrolled * Math.Max(1, i.Multiplier) > program.Arch.Columns)
        {
            throw Broken(ProgramRule.Fold, i.Index,
                $"{i.Unrolled} pixels side by side of {Math.Max(1, i.Multiplier)} channels on {program.Arch.Columns} columns");
        }
    }

    private void CheckVector(VectorInstruction i)
    {
        PatternFormat a = i.Source.Format, b = i.Add.Format, result = i.Destination.Format;
        if (i.FromPsum && a != PatternFormat.Int32)
            throw Broken(ProgramRule.VectorFormat, i.Index, $"partial sums have format {PatternFormat.Int32}, not {a}");
        if (b.Bits > 16 || (i.Product && a.Bits > 16))
            throw Broken(ProgramRule.VectorFormat, i.Index,
                $"operand b and the factors of a product have at most 16 bits, not {a} and {b}");
        if (i.Term != ResultTerm.Whole && result.Kind != FormatKind.Window)
            throw Broken(ProgramRule.Term, i.Index, $"format {result} of the result holds no terms");
        int groups = i.Tile.PaddedChannels / 8;
        if (i.AddGroups > 0 && i.AddFirst / 8 + i.AddGroups > groups)
            throw Broken(ProgramRule.AddGroups, i.Index, $"the tile has {groups} channel groups");
        if (!_constants.Add((i.ConstantsAddress, i.Tile.Channels, result, i.Product)))
            return;
        if (!VectorConstants.TryRead(program.Tables.Span, i.ConstantsAddress, i.Tile.Channels, result, i.Product, out _,
            out string? error))
            throw Broken(ProgramRule.Constants, i.Index, error!);
    }

    private void CheckLutFormats(LutInstruction i)
    {
        if (i.Source.Format.Bits > 8 || i.Destination.Format.Bits > 8)
            throw Broken(ProgramRule.LutFormat, i.Index,
                $"a table maps at most 8 bits to at most 8, not {i.Source.Format} to {i.Destination.Format}");
    }

    private void CheckLutTable(LutInstruction i)
    {
        PatternFormat result = i.Destination.Format;
        if (!_tables.Add((i.TableAddress, result)))
            return;
        ReadOnlySpan<byte> table = program.Tables.Span.Slice(i.TableAddress, LutInstruction.TableBytes);
        for (int code = 0; code < table.Length; code++)
        {
            if (!SlotCode.TryDecode(table[code], result, out _))
                throw Broken(ProgramRule.LutTable, i.Index, $"entry {code} of its table, {table[code]}, is no code of {result}");
        }
    }

    private void CheckPool(PoolInstruction i)
    {
        PatternFormat source = i.Source.Format, result = i.Destination.Format;
        if (source.Bits > 16 || result != (i.Sum ? PatternFormat.Int32 : source))
            throw Broken(ProgramRule.PoolFormat, i.Index,
                $"{(i.Sum ? "sum" : "max")} of {source} cannot be {result}: at most 16 bits in, the same out of max, s32 out of sum");
        if (!i.Sum && !(i.Kernel.RowAxis(i.Tile.Rows).EveryWindowTouches() && i.Kernel.ColumnAxis(i.Tile.Columns).EveryWindowTouches()))
            throw Broken(ProgramRule.PoolWindow, i.Index, "a window lies in the padding altogether");
    }

    private void CheckHost(HostInstruction i)
    {
        if (i.Step >= program.HostSteps.Length)
            throw Broken(ProgramRule.HostStep, i.Index, $"step {i.Step} is not one of the {program.HostSteps.Length} steps");
        if (program.HostSteps[i.Step].Kind == HostStepKind.LocalResponse)
        {
            CheckLocalResponse(i);
            return;
        }

        long taken = (long)i.SourceTile.Rows * i.SourceTile.Columns * i.SourceTile.Channels;
        long given = (long)i.Tile.Rows * i.Tile.Columns * i.Tile.Channels;
        if (taken != given || i.Source.Format != i.Destination.Format)
            throw Broken(ProgramRule.Reorder, i.Index,
                $"{taken} elements of {i.Source.Format} cannot become {given} of {i.Destination.Format}");
    }

    private void CheckLocalResponse(HostInstruction i)
    {
        if (i.SourceTile != i.Tile)
            throw Broken(ProgramRule.LocalResponse, i.Index, $"source and result of a local response have one shape");
        if (i.Source.Format.Bits > 16)
            throw Broken(ProgramRule.LocalResponse, i.Index, $"a local response reads at most 16 bits, not {i.Source.Format}");
        if (!_responses.Add((i.ConstantsAddress, i.Source.Format, i.Destination.Format)))
            return;
        if (!ResponseConstants.TryRead(program.Tables.Span, i.ConstantsAddress, i.Source.Format, i.Destination.Format, out _,
            out string? error))
            throw Broken(ProgramRule.LocalResponse, i.Index, error!);
    }

    private EbspFormatException Broken(ProgramRule rule, int index, string cause) => new(
        rule, codeOffset < 0 ? -1 : codeOffset + (long)index * Instruction.SizeBytes,
        string.Create(CultureInfo.InvariantCulture, $"instruction {index} ({program.Code[index].Definition.Mnemonic})"), cause);
}
