using Ebsp.Compiler.Ir;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Tiling;

/// <summary>Where a stored tensor lives for the whole batch: dense, in the buffer or in a DRAM region.</summary>
/// <param name="Shape">Shape of one image.</param>
/// <param name="Format">Format.</param>
/// <param name="Region">Buffer, or the DRAM region.</param>
/// <param name="Address">First byte.</param>
public sealed record Placement(Shape Shape, PatternFormat Format, Region Region, long Address)
{
    /// <summary>Whether it stays in the buffer.</summary>
    public bool IsResident => Region == Region.Buffer;

    /// <summary>The operand of the whole tensor in the buffer.</summary>
    public TensorOperand Operand => TensorOperand.Dense(Address, Format, Shape.Height, Shape.Width, Shape.Channels);

    /// <summary>Bytes of a pixel in DRAM: groups of 8 codes of B bits.</summary>
    public long DramPixelBytes => DramPixel(Shape, Format);

    /// <summary>Bytes that a batch takes in the buffer.</summary>
    public static long BufferBytes(Shape shape, PatternFormat format, int batch) =>
        TensorOperand.PixelBytes(shape.Channels, format) * shape.Height * shape.Width * batch;

    /// <summary>Bytes that a batch takes in DRAM.</summary>
    public static long DramBytes(Shape shape, PatternFormat format, int batch) => DramPixel(shape, format) * shape.Height * shape.Width * batch;

    private static long DramPixel(Shape shape, PatternFormat format) => (shape.Channels + 7) / 8 * (long)format.Bits;
}
