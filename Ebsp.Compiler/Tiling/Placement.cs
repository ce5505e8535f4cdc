using Ebsp.Compiler.Ir;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Tiling;

/// <summary>
/// Where a stored tensor lives for the whole batch, in the buffer or in a DRAM region: dense, or some channels or pixels of the tensor that
/// it is a part of.
/// </summary>
/// <param name="Shape">Shape of one image of the dense tensor.</param>
/// <param name="Format">Format.</param>
/// <param name="Region">Buffer, or the DRAM region.</param>
/// <param name="Address">First byte of the dense tensor.</param>
/// <param name="FirstChannel">First channel of a part, a multiple of 8; 0 for a whole tensor.</param>
public sealed record Placement(Shape Shape, PatternFormat Format, Region Region, long Address, int FirstChannel = 0)
{
    /// <summary>Where the pixels of a part lie in the dense tensor; every pixel of a whole tensor at its own place.</summary>
    public PixelPlace Pixels { get; init; } = PixelPlace.Whole(Shape.Width);

    /// <summary>Whether it stays in the buffer.</summary>
    public bool IsResident => Region == Region.Buffer;

    /// <summary>The operand in the buffer: pitches of the dense tensor, from the first channel on.</summary>
    public TensorOperand Operand
    {
        get
        {
            TensorOperand dense = TensorOperand.Dense(Address, Format, Shape.Height, Shape.Width, Shape.Channels);
            return dense with
            {
                Address = Address + FirstChannel * (long)Format.SlotBytes + Pixels.First * dense.PixelPitch,
                RowPitch = Pixels.RowStep * dense.PixelPitch,
                PixelPitch = Pixels.ColumnStep * dense.PixelPitch,
            };
        }
    }

    /// <summary>Bytes of a pixel in DRAM: groups of 8 codes of B bits.</summary>
    public long DramPixelBytes => DramPixel(Shape, Format);

    /// <summary>First byte in DRAM of a channel, a multiple of 8, of the first pixel.</summary>
    public long DramAddressOf(int channel) => Address + (FirstChannel + channel) / 8 * (long)Format.Bits;

    /// <summary>Bytes that a batch takes in the buffer.</summary>
    public static long BufferBytes(Shape shape, PatternFormat format, int batch) =>
        TensorOperand.PixelBytes(shape.Channels, format) * shape.Height * shape.Width * batch;

    /// <summary>Bytes that a batch takes in DRAM.</summary>
    public static long DramBytes(Shape shape, PatternFormat format, int batch) =>
        DramPixel(shape, format) * shape.Height * shape.Width * batch;

    private static long DramPixel(Shape shape, PatternFormat format) => (shape.Channels + 7) / 8 * (long)format.Bits;
}
