using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace Ebsp.Compiler.Data.Images;

/// <summary>Antialiased bilinear scaling: a triangle as wide as the factor of reduction, on the values as they are stored.</summary>
internal static class Resampling
{
    /// <summary>The picture with other numbers of rows and columns.</summary>
    public static Raster Resize(Raster image, int height, int width)
    {
        using Image<Rgb24> pixels = image.ToImage();
        pixels.Mutate(picture => picture.Resize(new ResizeOptions
        {
            Size = new Size(width, height),
            Mode = ResizeMode.Stretch,
            Sampler = KnownResamplers.Triangle,
        }));
        return Raster.From(pixels, image.Channels);
    }
}
