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
    public string? Add(InstructionView view)
    {
        switch (view)
        {
            case ArrayInstruction { WeightCount: > MaxWeights } array:
                return Text($"its weights are {array.WeightCount}, more than {MaxWeights}");
            case ArrayInstruction array:
                return Source(array.SourceElements) ?? Products(array.Products);
            case PoolInstruction pool:
                return Source(pool.SourceElements) ?? Products(pool.Comparisons);
            case VectorInstruction vector:
                return Elements(vector.Tile.Elements);
            case LutInstruction lut:
                return Elements(lut.Tile.Elements);
            case HostInstruction host:
                return Elements(host.Tile.Elements);
            case TransferInstruction transfer:
                return Elements(transfer.Tile.Pixels * (transfer.DramPixelBytes + RunBytes));
            default:
                return null;
        }
    }

    private string? Products(long work) => work > ProgramValidator.MaxProducts
        ? Text($"it multiplies or compares {work} times, more than {ProgramValidator.MaxProducts}")
        : Elements(work);

    private string? Elements(long work)
    {
        _total += work;
        return Program();
    }

    private string? Program() => _total > MaxProgram
        ? Text($"the instructions up to here do {_total} products, elements and bytes, more than {MaxProgram}")
        : null;

    private string? Source(long elements) => elements > program.Arch.BufferBytes
        ? Text($"its source of {elements} elements is larger than the buffer of {program.Arch.BufferBytes} bytes, and read with overlap")
        : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
