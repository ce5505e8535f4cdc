using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Instructions;

/// <summary>
/// Where a feature map lies: element (n, y, x, c) is the slot at
/// Address + n * ImagePitch + y * RowPitch + x * PixelPitch + c * slot bytes. Channels stand in groups of 8; a channel offset is
/// a multiple of 8 added to the address.
/// </summary>
/// <param name="Address">First byte, a multiple of 8.</param>
/// <param name="Format">Format of the elements.</param>
/// <param name="PixelPitch">Bytes between columns, a multiple of 8.</param>
/// <param name="RowPitch">Bytes between rows, a multiple of 8.</param>
/// <param name="ImagePitch">Bytes between images, a multiple of 8.</param>
public readonly record struct TensorOperand(long Address, PatternFormat Format, long PixelPitch, long RowPitch, long ImagePitch)
{
    /// <summary>Bytes that a pixel of this many channels takes: groups of 8 slots.</summary>
    public static long PixelBytes(int channels, PatternFormat format) => (channels + 7L) / 8 * 8 * format.SlotBytes;

    /// <summary>A dense feature map at an address.</summary>
    public static TensorOperand Dense(long address, PatternFormat format, int rows, int columns, int channels)
    {
        long pixel = PixelBytes(channels, format);
        return new TensorOperand(address, format, pixel, pixel * columns, pixel * columns * rows);
    }

    /// <summary>First byte after the last element of a tile.</summary>
    public long EndOf(long images, long rows, long columns, long pixelBytes) =>
        Address + (images - 1) * ImagePitch + (rows - 1) * RowPitch + (columns - 1) * PixelPitch + pixelBytes;

    /// <summary>The operand whose first field is given.</summary>
    public static TensorOperand Read(Instruction instruction, Field first) => new(
        instruction[first], FormatField.Decode(instruction[first + 1]), instruction[first + 2], instruction[first + 3],
            instruction[first + 4]);

    /// <summary>Sets the five fields of an operand.</summary>
    public void Write(Instruction instruction, Field first)
    {
        instruction[first] = Address;
        instruction[first + 1] = FormatField.Encode(Format);
        instruction[first + 2] = PixelPitch;
        instruction[first + 3] = RowPitch;
        instruction[first + 4] = ImagePitch;
    }
}
