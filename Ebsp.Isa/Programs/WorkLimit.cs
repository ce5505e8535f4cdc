using System.Globalization;
using Ebsp.Isa.Instructions;

namespace Ebsp.Isa.Programs;

/// <summary>
/// What instructions may do at most. Results are bounded by the memory that they fill; products, taps and source windows are not, since
/// pitches may be zero: without limits a file of two words could keep a machine busy for ever, and counts could overflow.
/// </summary>
internal sealed class WorkLimit(EbspProgram program)
{
    /// <summary>Weights of an array instruction: an array holds them.</summary>
    public const long MaxWeights = 1L << 30;

    /// <summary>Products, elements and bytes of all instructions. A unit of it takes at most 10,000 cycles (the slowest DRAM, the slowest
    /// host), so cycles stay inside 63 bits.</summary>
    public const long MaxProgram = 1L << 48;

    // A contiguous run of a transfer moves at most two bursts more than its bytes; a burst has at most 4096.
    private const long RunBytes = 2 * 4096;

    private long _total;

    /// <summary>Counts an instruction whose addresses and pitches are right; null, or what it exceeds.</summary>
    public string? Add(Instruction i)
    {
        long work;
        switch (i.Opcode)
        {
            case Opcode.MatMul or Opcode.Conv or Opcode.Depthwise:
                bool matMul = i.Opcode == Opcode.MatMul;
                bool depthwise = i.Opcode == Opcode.Depthwise;
                long pixels = matMul ? i[Field.Images] : Pixels(i);
                long weights = i[Field.Channels] * (matMul ? 1 : Taps(i)) * (depthwise ? 1 : i[Field.SrcChannels]);
                long channels = depthwise ? i[Field.Channels] / i[Field.Multiplier] : i[Field.SrcChannels] * (matMul ? 1 : i[Field.Groups]);
                work = pixels * weights;
                if (weights > MaxWeights)
                    return Text($"its weights are {weights}, more than {MaxWeights}");
                if (Source(i, matMul ? pixels * channels : KernelWindow(i) * channels) is { } wide)
                    return wide;
                break;
            case Opcode.Pool:
                work = Pixels(i) * i[Field.Channels] * Taps(i);
                if (Source(i, KernelWindow(i) * i[Field.Channels]) is { } wider)
                    return wider;
                break;
            case Opcode.Vector or Opcode.Lut or Opcode.Host:
                _total += Pixels(i) * i[Field.Channels];
                return Program();
            case Opcode.Load or Opcode.Store:
                _total += Pixels(i) * (i[Field.ChannelGroups] * i[Field.ElementBits] + RunBytes);
                return Program();
            default:
                return null;
        }

        if (work > ProgramValidator.MaxProducts)
            return Text($"it multiplies or compares {work} times, more than {ProgramValidator.MaxProducts}");
        _total += work;
        return Program();
    }

    private string? Program() => _total > MaxProgram
        ? Text($"the instructions up to here do {_total} products, elements and bytes, more than {MaxProgram}")
        : null;

    private string? Source(Instruction i, long elements) => elements > program.Arch.BufferBytes
        ? Text($"its source of {elements} elements is larger than the buffer of {program.Arch.BufferBytes} bytes, and read with overlap")
        : null;

    private static long Pixels(Instruction i) => i[Field.Images] * i[Field.Rows] * i[Field.Columns];

    private static long Taps(Instruction i) => i[Field.KernelRows] * i[Field.KernelColumns];

    // Source pixels from the first to the last that a tap falls on.
    private static long KernelWindow(Instruction i) =>
        i[Field.Images] * (KernelAxis.Rows(i).Touched().Last + 1) * (KernelAxis.Columns(i).Touched().Last + 1);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
