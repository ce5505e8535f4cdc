using Ebsp.Compiler.Data.Jpeg;

namespace Ebsp.Compiler.Data.Images;

/// <summary>One picture from its bytes; they, not the name, tell the format.</summary>
internal static class ImageDecoder
{
    /// <summary>Largest file of a picture in bytes.</summary>
    public const long MaxFileBytes = 1L << 28;

    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".ppm", ".pgm", ".pnm"];

    /// <summary>Whether a file's name says that it is a picture.</summary>
    public static bool IsImageName(string name) => Endings.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="Diagnostics.EbspException">The picture is malformed, too large, or of a kind that is not read.</exception>
    public static Raster Decode(ReadOnlySpan<byte> data, ImageOrigin origin)
    {
        if (data.StartsWith(PngDecoder.Signature))
            return PngDecoder.Decode(data, origin);
        if (data.StartsWith(JpegDecoder.Signature))
            return JpegDecoder.Decode(data, origin);
        if (data.Length >= 2 && data[0] == 'P' && char.IsAsciiDigit((char)data[1]))
            return PnmDecoder.Decode(data, origin);
        throw origin.Unsupported($"This is {KindOf(data)}, not a JPEG, PNG, PGM or PPM picture.", "Save it as PNG or baseline JPEG.");
    }

    private static string KindOf(ReadOnlySpan<byte> data) =>
        data.IsEmpty ? "an empty file"
        : data.StartsWith("GIF8"u8) ? "a GIF"
        : data.StartsWith("BM"u8) ? "a BMP"
        : data.StartsWith("RIFF"u8) && data.Length >= 12 && data[8..].StartsWith("WEBP"u8) ? "a WebP"
        : data.StartsWith("II*\0"u8) || data.StartsWith("MM\0*"u8) ? "a TIFF"
        : "something else";
}
