using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace Ebsp.Compiler.Data.Images;

/// <summary>A decoded picture.</summary>
/// <param name="Channels">1 for gray, 3 for R, G, B.</param>
/// <param name="Height">Rows, at least 1.</param>
/// <param name="Width">Columns, at least 1.</param>
/// <param name="Pixels">C x H x W values 0..255.</param>
internal sealed record Raster(int Channels, int Height, int Width, byte[] Pixels)
{
    /// <summary>Most pixels of a picture, 8,192 x 8,192; checked before memory is taken.</summary>
    public const int MaxPixels = 1 << 26;

    /// <summary>Pixels of a channel.</summary>
    public int Plane => Height * Width;

    /// <summary>
    /// The same picture with 1 or 3 channels: gray is repeated, color becomes its luma (ITU-R BT.601, as Pillow's mode L:
    /// (19595 R + 38470 G + 7471 B + 32768) >> 16, exact for gray stored as color).
    /// </summary>
    public Raster WithChannels(int channels)
    {
        if (channels == Channels || channels is not (1 or 3))
            return this;
        byte[] pixels = new byte[channels * Plane];
        if (channels == 3)
            for (int c = 0; c < 3; c++)
                Pixels.CopyTo(pixels, c * Plane);
        else
            for (int i = 0; i < Plane; i++)
                pixels[i] = (byte)((19595 * Pixels[i] + 38470 * Pixels[Plane + i] + 7471 * Pixels[2 * Plane + i] + (1 << 15)) >> 16);
        return new Raster(channels, Height, Width, pixels);
    }

    /// <summary>The pixels of an image; with one channel those of red, which equal the others in a gray image.</summary>
    public static Raster From(Image<Rgb24> image, int channels)
    {
        int plane = image.Height * image.Width;
        byte[] pixels = new byte[channels * plane];
        image.ProcessPixelRows(rows =>
        {
            for (int y = 0, i = 0; y < rows.Height; y++)
                foreach (Rgb24 pixel in rows.GetRowSpan(y))
                {
                    pixels[i] = pixel.R;
                    if (channels == 3)
                        (pixels[plane + i], pixels[2 * plane + i]) = (pixel.G, pixel.B);
                    i++;
                }
        });
        return new Raster(channels, image.Height, image.Width, pixels);
    }

    /// <summary>The picture in color; gray is repeated.</summary>
    public Image<Rgb24> ToImage()
    {
        Image<Rgb24> image = new(ImageDecoder.Formats, Width, Height);
        int second = Channels == 3 ? Plane : 0;
        image.ProcessPixelRows(rows =>
        {
            for (int y = 0, i = 0; y < rows.Height; y++)
                foreach (ref Rgb24 pixel in rows.GetRowSpan(y))
                {
                    pixel = new Rgb24(Pixels[i], Pixels[second + i], Pixels[2 * second + i]);
                    i++;
                }
        });
        return image;
    }
}
