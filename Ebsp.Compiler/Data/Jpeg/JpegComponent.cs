namespace Ebsp.Compiler.Data.Jpeg;

/// <summary>One color component of a frame.</summary>
internal sealed class JpegComponent(int id, int horizontal, int vertical, int quantization)
{
    /// <summary>Identifier in SOF and SOS.</summary>
    public int Id { get; } = id;

    /// <summary>Horizontal sampling factor, 1..4.</summary>
    public int Horizontal { get; } = horizontal;

    /// <summary>Vertical sampling factor, 1..4.</summary>
    public int Vertical { get; } = vertical;

    /// <summary>Index of the quantization table.</summary>
    public int Quantization { get; } = quantization;

    /// <summary>Rows that the picture needs; the samples have more.</summary>
    public int Height { get; private set; }

    /// <summary>Columns that the picture needs.</summary>
    public int Width { get; private set; }

    /// <summary>Columns of <see cref="Samples"/>, whole blocks of whole MCUs.</summary>
    public int Stride { get; private set; }

    /// <summary>Decoded samples, row by row; empty before the component's scan.</summary>
    public byte[] Samples { get; private set; } = [];

    /// <summary>Tables of the scan.</summary>
    public HuffmanTable? Dc, Ac;

    /// <summary>DC value of the block before.</summary>
    public int Prediction;

    /// <summary>Blocks that hold a part of the picture.</summary>
    public long Blocks => (long)BlockRows * BlockColumns;

    public int BlockRows => (Height + 7) / 8;

    public int BlockColumns => (Width + 7) / 8;

    public ReadOnlySpan<byte> Row(int y) => Samples.AsSpan(y * Stride, Stride);

    /// <summary>Sets the sizes (T.81, A.1.1).</summary>
    public void Size(int height, int width, int maxVertical, int maxHorizontal)
    {
        Height = (height * Vertical + maxVertical - 1) / maxVertical;
        Width = (width * Horizontal + maxHorizontal - 1) / maxHorizontal;
    }

    /// <summary>Takes the memory for whole MCUs.</summary>
    public void Allocate(int mcuRows, int mcuColumns)
    {
        Stride = 8 * mcuColumns * Horizontal;
        Samples = new byte[checked(Stride * 8 * mcuRows * Vertical)];
    }
}
