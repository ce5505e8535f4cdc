using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Emulator.Loading;

/// <summary>Decodes a program once: instructions become views, and every range that one touches is compared with its region.</summary>
internal sealed class Decoder
{
    private readonly EbspProgram _program;
    private readonly bool _plainOperands;
    private readonly List<(Region Region, long First, long End)> _written = [];
    private readonly List<PitchedRange> _ranges = new(4);
    private readonly Dictionary<(long Address, int Channels, PatternFormat Format, bool Product), VectorConstants> _constants = [];
    private long _reachedBuffer;
    private long _reachedPsum;

    private Decoder(EbspProgram program, bool plainOperands) => (_program, _plainOperands) = (program, plainOperands);

    /// <summary>The instructions of a program.</summary>
    /// <param name="program">A program that the reader accepts.</param>
    /// <param name="plainOperands">Whether the array may take operands off the pattern, see
    /// <see cref="MachineOptions.PlainOperands"/>.</param>
    /// <exception cref="ArgumentException">An instruction breaks a rule of the instruction table that is no range.</exception>
    public static DecodedProgram Decode(EbspProgram program, bool plainOperands)
    {
        Decoder decoder = new(program, plainOperands);
        InstructionView[] instructions = new InstructionView[program.Code.Length];
        Dictionary<int, (Region Region, long Address)> outOfRange = [];
        for (int i = 0; i < instructions.Length; i++)
        {
            instructions[i] = decoder.View(i, program.Code[i]);
            if (decoder.OutOfRange(instructions[i]) is { } range)
                outOfRange[i] = range;
        }

        return new DecodedProgram(program, instructions, outOfRange, decoder.MergeWritten(),
            (int)decoder._reachedBuffer, (int)decoder._reachedPsum);
    }

    // The rules that the execution of an instruction relies on; a program that no reader saw may break them.
    private InstructionView View(int index, Instruction instruction)
    {
        InstructionView view = instruction.Opcode switch
        {
            Opcode.Vector => Vector(index, instruction),
            Opcode.Host => Host(index, instruction),
            _ => InstructionView.Of(instruction, index),
        };
        switch (view)
        {
            case TransferInstruction transfer:
                Rule(index, transfer.Bits is (>= 1 and <= 8) or 16 or 32, "bits is 1..8, 16 or 32");
                Rule(index, !transfer.Store || transfer.Region is Region.Output or Region.Arena, "a store goes to output or arena");
                Rule(index, transfer.Region is not (Region.Buffer or Region.Psum), "the region is in DRAM");
                break;
            case ArrayInstruction array:
                Rule(index, array.Tile.Channels % array.Groups == 0
                    && (array.Multiplier == 0 || array.Tile.Channels % array.Multiplier == 0),
                    "channels is a multiple of groups and multiplier");
                Rule(index, IsOperand(array.Source.Format) && IsOperand(array.WeightFormat),
                    "both operands of a product have a pattern format that the array takes");
                Rule(index, array.Start <= StartKind.Accumulate, "start is zero, bias or accumulate");
                break;
            case LutInstruction lut:
                Rule(index, lut.Source.Format.Bits <= 8 && lut.Destination.Format.Bits <= 8, "a table maps slots of one byte");
                break;
            case PoolInstruction pool:
                Rule(index, pool.Destination.Format == (pool.Sum ? PatternFormat.Int32 : pool.Source.Format),
                    "a maximum keeps its format, a sum has s32");
                break;
            default:
                break;
        }

        return view;
    }

    private VectorOperation Vector(int index, Instruction i)
    {
        VectorInstruction view = new(i, index);
        Rule(index, !view.FromPsum || view.Source.Format == PatternFormat.Int32, "partial sums have format s32");
        Rule(index, view.Term <= ResultTerm.Second, "term is whole, first or second");
        return new VectorOperation(i, index,
            Constants(index, view.ConstantsAddress, view.Tile.Channels, view.Destination.Format, view.Product));
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

    private HostOperation Host(int index, Instruction i)
    {
        HostInstruction view = new(i, index);
        Rule(index, view.Step < _program.HostSteps.Length, "the host step exists");
        HostStepKind kind = _program.HostSteps[view.Step].Kind;
        Rule(index, kind is HostStepKind.Reorder or HostStepKind.LocalResponse, "the host step is known");
        Rule(index, kind != HostStepKind.Reorder || view.Source.Format == view.Destination.Format, "a reorder keeps the format");
        Rule(index, view.SourceTile.Elements == view.Tile.Elements, "a reorder keeps the count");
        Rule(index, kind != HostStepKind.LocalResponse || view.SourceTile == view.Tile, "a local response keeps the shape");
        return new HostOperation(i, index, kind, kind == HostStepKind.LocalResponse ? Response(view) : null);
    }

    private ResponseConstants Response(HostInstruction i)
    {
        Rule(i.Index, i.Source.Format.Bits <= 16, "a local response reads at most 16 bits");
        Rule(i.Index, ResponseConstants.TryRead(_program.Tables.Span, i.ConstantsAddress, i.Source.Format, i.Destination.Format,
            out ResponseConstants? constants, out string? error), error);
        return constants!;
    }

    private bool IsOperand(PatternFormat format) => (format.IsPattern || (_plainOperands && format.Bits <= PatternFormat.MaxOperandBits))
        && format.PatternLength <= _program.Arch.PatternLength;

    // The last byte of the first range that leaves its region; null if none does, and then what the instruction writes is noted.
    private (Region Region, long Address)? OutOfRange(InstructionView view)
    {
        _ranges.Clear();
        view.AddRanges(_ranges);
        foreach (PitchedRange range in _ranges)
        {
            MemoryRange hull = range.Hull;
            if (hull.End > _program.SizeOf(hull.Region))
                return (hull.Region, hull.End - 1);
        }

        foreach (PitchedRange range in _ranges)
        {
            MemoryRange hull = range.Hull;
            if (hull.Region == Region.Buffer)
                _reachedBuffer = Math.Max(_reachedBuffer, hull.End);
            else if (hull.Region == Region.Psum)
                _reachedPsum = Math.Max(_reachedPsum, hull.End);
            if (hull.Write)
                _written.Add((hull.Region, hull.Start, hull.End));
        }

        return null;
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
