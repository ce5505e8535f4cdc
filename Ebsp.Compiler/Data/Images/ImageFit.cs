using System.Globalization;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data.Images;

/// <summary>Brings a picture to the channels and size that were asked for: first scaled, then cropped.</summary>
/// <param name="Channels">1 or 3, or null for those of the picture.</param>
/// <param name="Resize">What to scale to, or null.</param>
/// <param name="Crop">Rows and columns of the center to keep, or null.</param>
internal sealed record ImageFit(int? Channels, ImageSize? Resize, ImageSize? Crop)
{
    /// <summary>Whether sizes change.</summary>
    public bool ChangesSize => Resize is not null || Crop is not null;

    /// <exception cref="EbspException">The picture is smaller than the crop.</exception>
    public Raster Apply(Raster image, ImageOrigin origin)
    {
        if (Channels is { } channels)
            image = image.WithChannels(channels);
        if (Resize is { } size)
        {
            (int height, int width) = size.Of(image.Height, image.Width);
            origin.CheckSize(height, width);
            origin.CheckSize(image.Height, width); // between the two passes
            image = Resampling.Resize(image, height, width);
        }

        return Crop is { } crop ? Cut(image, crop.Height, crop.Width ?? crop.Height, origin) : image;
    }

    private static Raster Cut(Raster image, int height, int width, ImageOrigin origin)
    {
        if (height > image.Height || width > image.Width)
            throw origin.Error(DataDiagnostics.BadOption,
                string.Create(CultureInfo.InvariantCulture,
                    $"--crop asks for {height} rows and {width} columns of a picture that has {image.Height} and {image.Width}."),
                "Give a smaller --crop, or a larger --resize.");
        int top = (image.Height - height) / 2, left = (image.Width - width) / 2;
        byte[] pixels = new byte[image.Channels * height * width];
        for (int row = 0; row < image.Channels * height; row++)
            image.Pixels.AsSpan((row / height * image.Height + top + row % height) * image.Width + left, width)
                .CopyTo(pixels.AsSpan(row * width));
        return new Raster(image.Channels, height, width, pixels);
    }
}
