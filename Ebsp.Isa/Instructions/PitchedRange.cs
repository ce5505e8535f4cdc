namespace Ebsp.Isa.Instructions;

/// <summary>The bytes of one operand, without the gaps between pixels, rows and images: a run at every pixel.</summary>
/// <param name="Operand">The address field of the operand.</param>
/// <param name="Region">Where they lie.</param>
/// <param name="Write">Written if true, else read.</param>
/// <param name="Start">First byte.</param>
/// <param name="RunBytes">Bytes of a pixel, at least 1.</param>
/// <param name="Columns">Pixels of a row.</param>
/// <param name="PixelPitch">Bytes from pixel to pixel.</param>
/// <param name="Rows">Rows of an image.</param>
/// <param name="RowPitch">Bytes from row to row.</param>
/// <param name="Images">Images.</param>
/// <param name="ImagePitch">Bytes from image to image.</param>
public readonly record struct PitchedRange(
    Field Operand, Region Region, bool Write, long Start, long RunBytes,
    long Columns = 1, long PixelPitch = 0, long Rows = 1, long RowPitch = 0, long Images = 1, long ImagePitch = 0)
{
    /// <summary>From the first byte to the last one, gaps included.</summary>
    public MemoryRange Hull => new(Operand, Region, Start,
        Start + (Images - 1) * ImagePitch + (Rows - 1) * RowPitch + (Columns - 1) * PixelPitch + RunBytes, Write);

    /// <summary>The same bytes in as few runs as the pitches allow: levels that touch or overlap become one run.</summary>
    public PitchedRange Merged()
    {
        PitchedRange range = this;
        if (range.Columns == 1 || range.PixelPitch <= range.RunBytes)
            range = range with { RunBytes = (range.Columns - 1) * range.PixelPitch + range.RunBytes, Columns = 1, PixelPitch = 0 };
        if (range.Columns == 1 && (range.Rows == 1 || range.RowPitch <= range.RunBytes))
            range = range with { RunBytes = (range.Rows - 1) * range.RowPitch + range.RunBytes, Rows = 1, RowPitch = 0 };
        if (range.Columns == 1 && range.Rows == 1 && (range.Images == 1 || range.ImagePitch <= range.RunBytes))
            range = range with { RunBytes = (range.Images - 1) * range.ImagePitch + range.RunBytes, Images = 1, ImagePitch = 0 };
        return range;
    }

    /// <summary>Number of runs.</summary>
    public long Runs => Columns * Rows * Images;

    /// <summary>The first byte of every run.</summary>
    public IEnumerable<long> RunStarts()
    {
        for (long n = 0; n < Images; n++)
        {
            for (long y = 0; y < Rows; y++)
            {
                for (long x = 0; x < Columns; x++)
                    yield return Start + n * ImagePitch + y * RowPitch + x * PixelPitch;
            }
        }
    }
}
