using Ebsp.Emulator.Fast.Kernels;
using Ebsp.Emulator.Loading;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Fast;

/// <summary>What a VECTOR keeps from run to run: the shape of its runs.</summary>
internal sealed class VectorPlan
{
    private const int ChunkElements = 1024;

    public VectorPlan(VectorOperation op, in SlotEncoding encoding, byte[] table, VectorRows rows)
    {
        Encoding = encoding;
        Table = table;
        Rows = rows;
        int channels = op.Tile.Channels;
        bool wholeAdd = op.AddChannels == channels;
        bool flat = channels % 8 == 0 && op.Constants.Counted is null && IsDense(op.Source, channels)
            && IsDense(op.Destination, channels);
        bool flatAdd = op.AddChannels == 0 || (wholeAdd && IsDense(op.Add, channels));
        Walk = op.Tile;
        if (flat && flatAdd)
            Walk = Collapse(op, wholeAdd);
        ChunkPixels = flat ? Math.Clamp(ChunkElements / channels, 1, Walk.Columns) : 1;
        AddPixels = flatAdd ? ChunkPixels : 1;
    }

    /// <summary>The tile as it is walked: rows and images that follow one another densely are one row.</summary>
    public Extents Walk { get; }

    /// <summary>Pixels of one run, and how many of them operand b has in one piece.</summary>
    public int ChunkPixels { get; }

    public int AddPixels { get; }

    public SlotEncoding Encoding { get; }

    public byte[] Table { get; }

    public VectorRows Rows { get; }

    private static bool IsDense(in TensorOperand operand, int channels) =>
        operand.PixelPitch == TensorOperand.PixelBytes(channels, operand.Format);

    private static Extents Collapse(VectorOperation op, bool withAdd)
    {
        Extents walk = op.Tile;
        if (!All(op, withAdd, operand => operand.RowPitch == op.Tile.Columns * operand.PixelPitch))
            return walk;
        walk = walk with { Rows = 1, Columns = op.Tile.Rows * op.Tile.Columns };
        if (!All(op, withAdd, operand => operand.ImagePitch == (long)op.Tile.Rows * op.Tile.Columns * operand.PixelPitch))
            return walk;
        return walk with { Images = 1, Columns = walk.Columns * walk.Images };
    }

    private static bool All(VectorOperation op, bool withAdd, Func<TensorOperand, bool> holds) =>
        holds(op.Source) && holds(op.Destination) && (!withAdd || holds(op.Add));
}

/// <summary>The constants of a VECTOR, one after another for the elements of as many pixels as fill whole vectors.</summary>
internal sealed class VectorRows
{
    public VectorRows(VectorOperation op)
    {
        int channels = op.Tile.Channels;
        // Channels that are no multiple of 8 are walked pixel by pixel, so what follows the last channel is never used.
        Period = channels % VectorKernel.Granule == 0
            ? channels
            : channels % 8 == 0 ? 2 * channels : (channels + VectorKernel.Granule - 1) / VectorKernel.Granule * VectorKernel.Granule;
        M = new int[Period];
        EvenD = new long[Period / 2];
        OddD = new long[Period / 2];
        long half = 1L << (op.Constants.Shift - 1);
        for (int i = 0; i < Period; i++)
        {
            int c = i % channels;
            M[i] = op.Constants.Counted is null ? op.Constants.MultiplierAt(c, 0, 0) : 0;
            (i % 2 == 0 ? EvenD : OddD)[i / 2] =
                unchecked((op.Product || op.Constants.Offsets.Length == 0 ? 0 : op.Constants.Offsets[c]) + half);
        }
    }

    /// <summary>Elements of the rows, a multiple of <see cref="VectorKernel.Granule"/>.</summary>
    public int Period { get; }

    /// <summary>Multipliers; zero where they depend on the pixel.</summary>
    public int[] M { get; }

    /// <summary>d + 2^(n-1) of the even elements, and of the odd ones.</summary>
    public long[] EvenD { get; }

    public long[] OddD { get; }
}
