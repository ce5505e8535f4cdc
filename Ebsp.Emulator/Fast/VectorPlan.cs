using Ebsp.Emulator.Fast.Kernels;
using Ebsp.Emulator.Operations;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Fast;

/// <summary>What a VECTOR keeps from run to run: the shape of its runs, and its constants repeated for every element of one.</summary>
internal sealed class VectorPlan
{
    private const int ChunkElements = 1024;

    public VectorPlan(VectorOperation op)
    {
        Encoding = new SlotEncoding(op.Destination.Format, op.Term);
        Table = op.Destination.Format.SlotBytes == 1 ? Encoding.Table() : [];
        int channels = op.Tile.Channels;
        bool wholeAdd = op.AddChannels == channels;
        bool flat = channels % 8 == 0 && op.Constants.Window is null && IsDense(op.Source, channels) && IsDense(op.Destination, channels);
        bool flatAdd = op.AddChannels == 0 || (wholeAdd && IsDense(op.Add, channels));
        Walk = op.Tile;
        if (flat && flatAdd)
            Walk = Collapse(op, wholeAdd);
        ChunkPixels = flat ? Math.Clamp(ChunkElements / channels, 1, Walk.Columns) : 1;
        AddPixels = flatAdd ? ChunkPixels : 1;
        int elements = ChunkPixels * channels;
        int length = elements + 2 * VectorKernel.Granule;
        A = new int[length];
        B = new int[length];
        M = new int[length];
        Result = new int[length];
        EvenD = new long[length / 2 + 1];
        OddD = new long[length / 2 + 1];
        Slots = new byte[length];
        long half = 1L << (op.Constants.Shift - 1);
        for (int i = 0; i < elements; i++)
        {
            int c = i % channels;
            M[i] = op.Constants.Window is null ? op.Constants.MultiplierAt(c, 0, 0) : 0;
            (i % 2 == 0 ? EvenD : OddD)[i / 2] = unchecked((op.Constants.Offsets.Length > 0 ? op.Constants.Offsets[c] : 0) + half);
        }

        if (op.Product)
        {
            System.Array.Fill(EvenD, half);
            System.Array.Fill(OddD, half);
        }
    }

    /// <summary>The tile as it is walked: rows and images that follow one another densely are one row.</summary>
    public Extents Walk { get; }

    /// <summary>Pixels of one run, and how many of them operand b has in one piece.</summary>
    public int ChunkPixels { get; }

    public int AddPixels { get; }

    public SlotEncoding Encoding { get; }

    public byte[] Table { get; }

    public int[] A { get; }

    public int[] B { get; }

    public int[] M { get; }

    public int[] Result { get; }

    public long[] EvenD { get; }

    public long[] OddD { get; }

    public byte[] Slots { get; }

    private static bool IsDense(in TensorOperand operand, int channels) => operand.PixelPitch == TensorOperand.PixelBytes(channels, operand.Format);

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
