using System.Buffers.Binary;
using Ebsp.Compiler.Diagnostics;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Bmp;
using SixLabors.ImageSharp.Formats.Gif;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.Formats.Webp;
using SixLabors.ImageSharp.Memory;
using SixLabors.ImageSharp.Metadata;
using SixLabors.ImageSharp.PixelFormats;
using SixLabors.ImageSharp.Processing;

namespace Ebsp.Compiler.Data.Images;

/// <summary>
/// One picture from its bytes; they, not the name, tell the format. SixLabors.ImageSharp decodes all but Netpbm; sizes are checked against
/// the limits and the length of the file before it takes memory for pixels.
/// </summary>
internal static class ImageDecoder
{
    /// <summary>Largest file of a picture in bytes.</summary>
    public const long MaxFileBytes = 1L << 28;

    private static readonly string[] Endings = [".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".ppm", ".pgm", ".pnm"];

    /// <summary>The formats that are read, on the calling thread alone, and the largest buffer of a decoder.</summary>
    internal static readonly Configuration Formats = MakeFormats();

    private static ReadOnlySpan<byte> JpegSignature => [0xFF, 0xD8];

    /// <summary>Whether a file's name says that it is a picture.</summary>
    public static bool IsImageName(string name) => Endings.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    /// <exception cref="Diagnostics.EbspException">The picture is malformed, too large, or of a kind that is not read.</exception>
    public static Raster Decode(byte[] data, ImageOrigin origin)
    {
        if (data.Length >= 2 && data[0] == 'P' && char.IsAsciiDigit((char)data[1]))
            return PnmDecoder.Decode(data, origin);
        if (data.AsSpan().StartsWith(PngCheck.Signature))
            PngCheck.Check(data, origin);
        IImageInfo info = Guard(() => Image.Identify(Formats, data, out _), origin)
            ?? throw origin.Unsupported($"This is {KindOf(data)}, not a JPEG, PNG, BMP, GIF, WebP, PGM or PPM picture.",
                "Save it as PNG or JPEG.");
        origin.CheckSize(info.Height, info.Width);
        if (data.AsSpan().StartsWith(JpegSignature))
            CheckJpeg(data, info, origin);
        using Image<Rgb24> image = Guard(() =>
        {
            Image<Rgb24> read = Image.Load<Rgb24>(Formats, data);
            read.Mutate(picture => picture.AutoOrient());
            return read;
        }, origin);
        return Raster.From(image, IsGray(info.Metadata, data) ? 1 : 3);
    }

    /// <summary>Whatever a decoder throws becomes a diagnostic: the bytes are of anyone's making.</summary>
    private static T Guard<T>(Func<T> decode, ImageOrigin origin)
    {
        try
        {
            return decode();
        }
        catch (Exception e) when (e is NotSupportedException or NotImplementedException)
        {
            throw origin.Unsupported($"The picture is of a kind that is not read: {Line(e)}", "Save it as PNG or JPEG.");
        }
        catch (InvalidMemoryOperationException)
        {
            throw origin.Error(DataDiagnostics.TooLarge, "Decoding the picture takes a buffer of more than 256 MiB.",
                "Scale it down first.");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw origin.Damaged($"The picture cannot be decoded: {Line(e)}");
        }
    }

    // A message as one line that ends in a period.
    private static string Line(Exception e) => e.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.', '!') + ".";

    // JPEG spends a bit on each block of 8 x 8 pixels, a progressive one in its first scan. Of a picture that is cut off the decoder makes
    // one that ends in gray.
    private static void CheckJpeg(ReadOnlySpan<byte> data, IImageInfo info, ImageOrigin origin)
    {
        if ((long)info.Width * info.Height > data.Length * 8L * 64)
            throw origin.CutOff($"The file is too short for {info.Height} rows and {info.Width} columns.");
        if (!HasJpegEnd(data))
            throw origin.CutOff("The file ends within the picture.");
    }

    // Segments before the first scan are skipped: pictures in miniature within them have an end of their own. Behind them every FF of the
    // coded pixels is followed by 0 or a restart marker.
    private static bool HasJpegEnd(ReadOnlySpan<byte> data)
    {
        int at = 2;
        while (at + 4 <= data.Length && data[at] == 0xFF && data[at + 1] != 0xDA)
            at += data[at + 1] == 0xFF ? 1 : 2 + BinaryPrimitives.ReadUInt16BigEndian(data[(at + 2)..]);
        return at < data.Length && data[at..].IndexOf([(byte)0xFF, (byte)0xD9]) >= 0;
    }

    private static bool IsGray(ImageMetadata metadata, ReadOnlySpan<byte> data) => data.StartsWith(JpegSignature)
        ? metadata.GetJpegMetadata().ColorType == JpegColorType.Luminance
        : data.StartsWith(PngCheck.Signature)
            && metadata.GetPngMetadata().ColorType is PngColorType.Grayscale or PngColorType.GrayscaleWithAlpha;

    private static Configuration MakeFormats()
    {
        Configuration formats = new(new JpegConfigurationModule(), new PngConfigurationModule(), new BmpConfigurationModule(),
            new GifConfigurationModule(), new WebpConfigurationModule())
        {
            MaxDegreeOfParallelism = 1,
            // 2^26 pixels of four bytes.
            MemoryAllocator = MemoryAllocator.Create(new MemoryAllocatorOptions { AllocationLimitMegabytes = 256 }),
        };
        // Of an animation the first picture.
        formats.ImageFormatsManager.SetDecoder(GifFormat.Instance, new GifDecoder { DecodingMode = FrameDecodingMode.First });
        return formats;
    }

    private static string KindOf(ReadOnlySpan<byte> data) =>
        data.IsEmpty ? "an empty file"
        : data.StartsWith("II*\0"u8) || data.StartsWith("MM\0*"u8) ? "a TIFF"
        : "something else";
}
