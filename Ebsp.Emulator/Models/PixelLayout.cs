namespace Ebsp.Emulator.Models;

/// <summary>From the pictures of imaging libraries and canvases, pixel by pixel, to the [C][H][W] of <see cref="IEbspModel"/>.</summary>
public static class PixelLayout
{
    /// <summary>Takes the first channels of each pixel apart into one plane a channel.</summary>
    /// <param name="interleaved">[H][W][bytesPerPixel] without gaps between rows: a canvas gives R, G, B, A.</param>
    /// <param name="bytesPerPixel">Bytes from one pixel to the next, at least channels: 1 gray, 3 RGB, 4 RGBA.</param>
    /// <param name="planar">[channels][H][W], exactly as many bytes as that.</param>
    /// <param name="channels">Channels to take: 3 leaves the alpha of RGBA, 1 takes the red of a gray picture.</param>
    /// <param name="reverse">Whether the channels of a pixel stand in the order B, G, R.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void ToPlanar(ReadOnlySpan<byte> interleaved, int bytesPerPixel, Span<byte> planar, int channels, bool reverse = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesPerPixel, channels);
        if (interleaved.Length % bytesPerPixel != 0)
            throw new ArgumentException($"{interleaved.Length} bytes are no whole number of pixels of {bytesPerPixel} bytes",
                nameof(interleaved));
        int pixels = interleaved.Length / bytesPerPixel;
        if (planar.Length != (long)pixels * channels)
            throw new ArgumentException($"{pixels} pixels of {channels} channels take {(long)pixels * channels} bytes, not {planar.Length}",
                nameof(planar));
        for (int c = 0; c < channels; c++)
        {
            Span<byte> plane = planar.Slice(c * pixels, pixels);
            int source = reverse ? channels - 1 - c : c;
            for (int pixel = 0; pixel < plane.Length; pixel++, source += bytesPerPixel)
                plane[pixel] = interleaved[source];
        }
    }
}
