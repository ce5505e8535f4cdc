using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Verification;

/// <summary>Where an element stands in its tensor; channels in groups of 8.</summary>
internal readonly record struct Coordinate(long Image, long Row, long Column, long Group);

/// <summary>What the bytes that an instruction has written are.</summary>
internal abstract record Content
{
    /// <summary>Nothing is known about them.</summary>
    public static readonly Content Unknown = new UnknownContent();

    private sealed record UnknownContent : Content;
}

/// <summary>Bytes of the weights region, moved as they are.</summary>
/// <param name="Offset">Address in the region minus address in the buffer.</param>
internal sealed record WeightContent(long Offset) : Content;

/// <summary>Elements of a format that belong to no known tensor.</summary>
internal record ElementContent(PatternFormat Format) : Content;

/// <summary>A tile of a tensor: the pixel at (n, y, x) of the place is pixel First + (n, y * RowStep, x * ColumnStep) of the
/// tensor.</summary>
/// <param name="Format">Format of the elements.</param>
/// <param name="Tensor">The tensor.</param>
/// <param name="First">Its element at the first byte.</param>
/// <param name="Place">Where the tile lies.</param>
/// <param name="GroupBytes">Bytes of 8 channels there.</param>
/// <param name="RowStep">Rows of the tensor from row to row of the place.</param>
/// <param name="ColumnStep">Columns likewise.</param>
internal sealed record TileContent(
    PatternFormat Format, TensorShape Tensor, Coordinate First, PitchedRange Place, long GroupBytes, long RowStep = 1, long ColumnStep = 1)
        : ElementContent(Format)
{
    /// <summary>The element whose group begins at a byte of the tile; null if none does.</summary>
    public Coordinate? At(long address)
    {
        long rest = address - Place.Start;
        long image = Take(ref rest, Place.Images, Place.ImagePitch), row = Take(ref rest, Place.Rows, Place.RowPitch),
            column = Take(ref rest, Place.Columns, Place.PixelPitch);
        if (rest < 0 || rest >= Place.RunBytes || rest % GroupBytes != 0)
            return null;
        return new Coordinate(First.Image + image, First.Row + row * RowStep, First.Column + column * ColumnStep,
            First.Group + rest / GroupBytes);
    }

    /// <summary>
    /// Whether the two are parts of one piece of memory: tiles of one tensor, each where the other one's place says, or tiles of tensors of
    /// one height and width whose channels share the pixels.
    /// </summary>
    public bool Continues(TileContent other)
    {
        if (GroupBytes != other.GroupBytes || RowStep != other.RowStep || ColumnStep != other.ColumnStep || RowStep == 0 || ColumnStep == 0
            || (other.First.Row - First.Row) % RowStep != 0 || (other.First.Column - First.Column) % ColumnStep != 0)
        {
            return false;
        }

        if (!Common(Place.Images, Place.ImagePitch, other.Place.Images, other.Place.ImagePitch, other.First.Image - First.Image,
            out long image)
            || !Common(Place.Rows, Place.RowPitch, other.Place.Rows, other.Place.RowPitch, other.First.Row - First.Row, out long row)
            || !Common(Place.Columns, Place.PixelPitch, other.Place.Columns, other.Place.PixelPitch, other.First.Column - First.Column,
                out long column))
        {
            return false;
        }

        // What is left between the two when the pixels have been brought together, in bytes of channels.
        long channels = other.Place.Start - Place.Start - (other.First.Image - First.Image) * image
            - (other.First.Row - First.Row) / RowStep * row - (other.First.Column - First.Column) / ColumnStep * column;
        if (Tensor == other.Tensor)
            return channels == (other.First.Group - First.Group) * GroupBytes;
        return Tensor.Height == other.Tensor.Height && Tensor.Width == other.Tensor.Width
            && (Tensor.Height * Tensor.Width == 1 || Math.Abs(channels) < Math.Max(column, Tensor.Width == 1 ? row : 0));
    }

    // The pitch of both where it matters: where one of them has several, or they stand apart.
    private static bool Common(long count, long pitch, long otherCount, long otherPitch, long apart, out long common)
    {
        common = count > 1 ? pitch : otherPitch;
        return count == 1 || otherCount == 1 ? apart == 0 || count > 1 || otherCount > 1 || pitch == otherPitch : pitch == otherPitch;
    }

    private static long Take(ref long rest, long count, long pitch)
    {
        if (count == 1 || pitch == 0)
            return 0;
        long taken = Math.Min(rest / pitch, count - 1);
        rest -= taken * pitch;
        return taken;
    }
}

/// <summary>A tensor whose tiles are followed.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Channels">Channels.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
internal sealed record TensorShape(string Name, int Channels, int Height, int Width)
{
    /// <summary>Groups of 8 channels.</summary>
    public long Groups => (Channels + 7) / 8;
}
