using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Operations;

/// <summary>Decodes a program once: fields become numbers, and every range that an instruction touches is compared with its
/// region.</summary>
internal sealed class Decoder
{
    private readonly EbspProgram _program;
    private readonly List<(Region Region, long First, long End)> _written = [];
    private readonly Dictionary<(long Address, int Channels, PatternFormat Format, bool Product), VectorConstants> _constants = [];
    private (Region Region, long Address)? _outOfRange;
    private long _reachedBuffer;
    private long _reachedPsum;

    private readonly bool _plainOperands;

    private Decoder(EbspProgram program, bool plainOperands) => (_program, _plainOperands) = (program, plainOperands);

    /// <summary>The operations of a program.</summary>
    /// <param name="program">A program that the reader accepts.</param>
    /// <param name="plainOperands">Whether the array may take operands off the pattern, see
    /// <see cref="MachineOptions.PlainOperands"/>.</param>
    /// <param name="written">The bytes that its instructions write, sorted and merged.</param>
    /// <param name="reached">Bytes of buffer and psum memory up to the last one that an instruction reads or writes.</param>
    /// <exception cref="ArgumentException">An instruction breaks a rule of the instruction table that is no range.</exception>
    public static Operation[] Decode(EbspProgram program, bool plainOperands, out (Region Region, int First, int End)[] written,
        out (int Buffer, int Psum) reached)
    {
        Decoder decoder = new(program, plainOperands);
        Operation[] operations = new Operation[program.Code.Length];
        for (int i = 0; i < operations.Length; i++)
        {
            decoder._outOfRange = null;
            int writes = decoder._written.Count;
            operations[i] = decoder.Decode(i, program.Code[i]);
            operations[i].OutOfRange = decoder._outOfRange;
            if (decoder._outOfRange is not null)
                decoder._written.RemoveRange(writes, decoder._written.Count - writes);
        }

        written = decoder.MergeWritten();
        reached = ((int)decoder._reachedBuffer, (int)decoder._reachedPsum);
        return operations;
    }

    private Operation Decode(int index, Instruction i) => i.Opcode switch
    {
        Opcode.Load or Opcode.Store => Transfer(index, i),
        Opcode.MatMul or Opcode.Conv or Opcode.Depthwise => Array(index, i),
        Opcode.Vector => Vector(index, i),
        Opcode.Lut => Lut(index, i),
        Opcode.Pool => Pool(index, i),
        Opcode.Host => Host(index, i),
        _ => new ControlOperation(index),
    };

    private TransferOperation Transfer(int index, Instruction i)
    {
        TransferOperation op = new(index)
        {
            Store = i.Opcode == Opcode.Store,
            Region = (Region)i[Field.DramRegion],
            Bits = (int)i[Field.ElementBits],
            Tile = new Extents((int)i[Field.Images], (int)i[Field.Rows], (int)i[Field.Columns], (int)i[Field.ChannelGroups] * 8),
            Groups = (int)i[Field.ChannelGroups],
            Dram = new Pitches(i[Field.DramAddress], i[Field.DramPixelPitch], i[Field.DramRowPitch], i[Field.DramImagePitch]),
            Buffer = new Pitches(i[Field.BufferAddress], i[Field.BufferPixelPitch], i[Field.BufferRowPitch], i[Field.BufferImagePitch]),
        };
        Rule(index, op.Bits is (>= 1 and <= 8) or 16 or 32, "bits is 1..8, 16 or 32");
        Rule(index, !op.Store || op.Region is Region.Output or Region.Arena, "a store goes to output or arena");
        Rule(index, op.Region is not (Region.Buffer or Region.Psum), "the region is in DRAM");
        Span(op.Region, op.Dram, op.Tile, (long)op.Groups * op.Bits, op.Store);
        Span(Region.Buffer, op.Buffer, op.Tile, (long)op.Groups * 8 * op.SlotBytes, !op.Store);
        return op;
    }

    private ArrayOperation Array(int index, Instruction i)
    {
        bool matMul = i.Opcode == Opcode.MatMul;
        int channels = (int)i[Field.Channels];
        int multiplier = i.Opcode == Opcode.Depthwise ? (int)i[Field.Multiplier] : 0;
        int srcChannels = multiplier > 0 ? 1 : (int)i[Field.SrcChannels];
        KernelWindow window = matMul ? KernelWindow.Point : KernelWindow.Read(i);
        Extents tile = matMul ? new Extents((int)i[Field.Images], 1, 1, channels) : Extents.Read(i);
        TensorOperand source = TensorOperand.Read(i, Field.SrcAddress);
        ArrayOperation op = new(index)
        {
            Opcode = i.Opcode,
            Source = source,
            KernelWindow = window,
            Tile = tile,
            TouchedRows = window.TouchedRows(tile.Rows),
            TouchedColumns = window.TouchedColumns(tile.Columns),
            SrcChannels = srcChannels,
            Groups = matMul ? 1 : multiplier > 0 ? channels / multiplier : (int)i[Field.Groups],
            WeightAddress = (int)i[Field.WeightAddress],
            WeightFormat = FormatField.Decode(i[Field.WeightFormat]),
            Coding = (WeightCoding)i[Field.WeightCoding],
            ChannelWeightBytes = InstructionAccess.WeightBytes(i, (long)window.Taps * srcChannels),
            Start = (StartKind)i[Field.Start],
            BiasAddress = (int)i[Field.BiasAddress],
            PsumAddress = (int)i[Field.PsumAddress],
        };
        Rule(index, op.Groups > 0 && channels % op.Groups == 0 && (multiplier == 0 || channels % multiplier == 0),
            "channels is a multiple of groups and multiplier");
        Rule(index, IsOperand(op.Source.Format) && IsOperand(op.WeightFormat),
            "both operands of a product have a pattern format that the array takes");
        Rule(index, op.Start <= StartKind.Accumulate, "start is zero, bias or accumulate");
        if (op.TouchedRows > 0 && op.TouchedColumns > 0)
            Tensor(Region.Buffer, source, new Extents(op.Tile.Images, op.TouchedRows, op.TouchedColumns, op.SrcChannels * op.Groups),
                false);
        Range(Region.Buffer, op.WeightAddress, op.WeightAddress + op.WeightBytes, false);
        if (op.Start == StartKind.Bias)
            Range(Region.Buffer, op.BiasAddress, op.BiasAddress + 4L * channels, false);
        Range(Region.Psum, op.PsumAddress, op.PsumAddress + 4L * op.Tile.Images * op.Tile.Rows * op.Tile.Columns * op.Tile.PaddedChannels,
            true);
        return op;
    }

    private VectorOperation Vector(int index, Instruction i)
    {
        Extents tile = Extents.Read(i);
        TensorOperand destination = TensorOperand.Read(i, Field.DstAddress);
        bool product = i[Field.Mode] != 0;
        int addFirst = (int)i[Field.AddFirstGroup] * 8;
        VectorConstants constants = Constants(index, i[Field.Constants], tile.Channels, destination.Format, product);
        VectorOperation op = new(index)
        {
            Source = TensorOperand.Read(i, Field.SrcAddress),
            FromPsum = i[Field.SrcSpace] != 0,
            Add = TensorOperand.Read(i, Field.AddAddress),
            AddFirst = addFirst,
            AddChannels = Math.Max(0, Math.Min((int)i[Field.AddGroups] * 8, tile.Channels - addFirst)),
            Destination = destination,
            Tile = tile,
            Constants = constants,
            Product = product,
            Term = (int)i[Field.Term],
        };
        Rule(index, !op.FromPsum || op.Source.Format == PatternFormat.Int32, "partial sums have format s32");
        Rule(index, op.Term <= 2, "term is whole, first or second");
        Tensor(op.FromPsum ? Region.Psum : Region.Buffer, op.Source, tile, false);
        if (op.AddChannels > 0)
            Tensor(Region.Buffer, op.Add, tile with { Channels = op.AddChannels }, false);
        Tensor(Region.Buffer, destination, tile, true);
        return op;
    }

    // Tiles of one fold have one block.
    private VectorConstants Constants(int index, long address, int channels, PatternFormat format, bool product)
    {
        if (_constants.TryGetValue((address, channels, format, product), out VectorConstants? known))
            return known;
        Rule(index, VectorConstants.TryRead(_program.Tables.Span, address, channels, format, product, out VectorConstants? constants,
            out string? error), error);
        return _constants[(address, channels, format, product)] = constants!;
    }

    private LutOperation Lut(int index, Instruction i)
    {
        LutOperation op = new(index)
        {
            Source = TensorOperand.Read(i, Field.SrcAddress),
            Destination = TensorOperand.Read(i, Field.DstAddress),
            Tile = Extents.Read(i),
            Table = (int)i[Field.Constants],
        };
        Rule(index, op.Source.Format.Bits <= 8 && op.Destination.Format.Bits <= 8, "a table maps slots of one byte");
        Tensor(Region.Buffer, op.Source, op.Tile, false);
        Tensor(Region.Buffer, op.Destination, op.Tile, true);
        Range(Region.Tables, op.Table, op.Table + 256L, false);
        return op;
    }

    private PoolOperation Pool(int index, Instruction i)
    {
        PoolOperation op = new(index)
        {
            Source = TensorOperand.Read(i, Field.SrcAddress),
            Destination = TensorOperand.Read(i, Field.DstAddress),
            KernelWindow = KernelWindow.Read(i),
            Tile = Extents.Read(i),
            Sum = i[Field.Mode] != 0,
        };
        Rule(index, op.Destination.Format == (op.Sum ? PatternFormat.Int32 : op.Source.Format),
            "a maximum keeps its format, a sum has s32");
        int rows = op.KernelWindow.TouchedRows(op.Tile.Rows);
        int columns = op.KernelWindow.TouchedColumns(op.Tile.Columns);
        if (rows > 0 && columns > 0)
            Tensor(Region.Buffer, op.Source, op.Tile with { Rows = rows, Columns = columns }, false);
        Tensor(op.Sum ? Region.Psum : Region.Buffer, op.Destination, op.Tile, true);
        return op;
    }

    private HostOperation Host(int index, Instruction i)
    {
        Extents tile = Extents.Read(i);
        int step = (int)i[Field.Step];
        Rule(index, step < _program.HostSteps.Length, "the host step exists");
        HostStepKind kind = _program.HostSteps[step].Kind;
        ResponseConstants? response = null;
        if (kind == HostStepKind.LocalResponse)
            response = Response(index, i);
        HostOperation op = new(index)
        {
            Kind = kind,
            Response = response,
            Source = TensorOperand.Read(i, Field.SrcAddress),
            SourceTile = new Extents(tile.Images, (int)i[Field.SrcImageRows], (int)i[Field.SrcImageColumns],
                (int)i[Field.SrcImageChannels]),
            Destination = TensorOperand.Read(i, Field.DstAddress),
            Tile = tile,
        };
        Rule(index, kind is HostStepKind.Reorder or HostStepKind.LocalResponse, "the host step is known");
        Rule(index, kind != HostStepKind.Reorder || op.Source.Format == op.Destination.Format, "a reorder keeps the format");
        Rule(index, (long)op.SourceTile.Rows * op.SourceTile.Columns * op.SourceTile.Channels == (
            long)tile.Rows * tile.Columns * tile.Channels, "a reorder keeps the count");
        Rule(index, kind != HostStepKind.LocalResponse || op.SourceTile == tile, "a local response keeps the shape");
        Tensor(Region.Buffer, op.Source, op.SourceTile, false);
        Tensor(Region.Buffer, op.Destination, tile, true);
        return op;
    }

    private ResponseConstants Response(int index, Instruction i)
    {
        PatternFormat source = FormatField.Decode(i[Field.SrcFormat]);
        Rule(index, source.Bits <= 16, "a local response reads at most 16 bits");
        Rule(index, ResponseConstants.TryRead(_program.Tables.Span, i[Field.Constants], source, FormatField.Decode(i[Field.DstFormat]),
            out ResponseConstants? constants, out string? error), error);
        return constants!;
    }

    private bool IsOperand(PatternFormat format) => (format.IsPattern || (_plainOperands && format.Bits <= PatternFormat.MaxOperandBits))
        && format.PatternLength <= _program.Arch.PatternLength;

    private void Tensor(Region region, TensorOperand operand, Extents tile, bool write) =>
        Span(region, new Pitches(operand.Address, operand.PixelPitch, operand.RowPitch, operand.ImagePitch), tile,
            TensorOperand.PixelBytes(tile.Channels, operand.Format), write);

    private void Span(Region region, Pitches at, Extents tile, long pixelBytes, bool write) =>
        Range(region, at.Address, at.At(tile.Images - 1, tile.Rows - 1, tile.Columns - 1) + pixelBytes, write);

    private void Range(Region region, long first, long end, bool write)
    {
        if (end > _program.SizeOf(region))
        {
            _outOfRange ??= (region, end - 1);
            return;
        }

        if (region == Region.Buffer)
            _reachedBuffer = Math.Max(_reachedBuffer, end);
        else if (region == Region.Psum)
            _reachedPsum = Math.Max(_reachedPsum, end);
        if (write)
            _written.Add((region, first, end));
    }

    private static void Rule(int index, bool holds, string? rule)
    {
        if (!holds)
            throw new ArgumentException($"instruction {index} is not valid: {rule}");
    }

    private (Region Region, int First, int End)[] MergeWritten()
    {
        List<(Region Region, int First, int End)> merged = [];
        foreach ((Region region, long first, long end) in _written.Order())
        {
            if (merged.Count > 0 && merged[^1] is var last && last.Region == region && first <= last.End)
                merged[^1] = (region, last.First, (int)Math.Max(last.End, end));
            else
                merged.Add((region, (int)first, (int)end));
        }

        return [.. merged];
    }
}
