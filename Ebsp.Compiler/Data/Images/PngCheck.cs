using System.Buffers.Binary;
using System.IO.Compression;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data.Images;

/// <summary>
/// Holds a PNG file to its own header: one header, the chunks of pixels behind each other, an end, and as many bytes of pixels as the
/// header asks for. ImageSharp leaves what is missing black, and does not come to an end where the missing pixels are interlaced.
/// </summary>
internal static class PngCheck
{
    // First column and row, distance of columns and rows of the seven passes of Adam7 (PNG specification, section 8.2).
    private static readonly (int X, int Y, int Columns, int Rows)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    /// <param name="data">The file, which starts with the signature.</param>
    /// <param name="origin">For diagnostics.</param>
    /// <exception cref="Diagnostics.EbspException">The file is cut off, too long, or has another order of chunks.</exception>
    public static void Check(ReadOnlySpan<byte> data, ImageOrigin origin)
    {
        using MemoryStream packed = new();
        int at = Signature.Length;
        ReadOnlySpan<byte> header = default, last = default, type = default;
        while (!type.SequenceEqual("IEND"u8))
        {
            last = type;
            if (data.Length - at < 12 || BinaryPrimitives.ReadUInt32BigEndian(data[at..]) > data.Length - at - 12)
                throw origin.CutOff("The file ends within a chunk.");
            int length = BinaryPrimitives.ReadInt32BigEndian(data[at..]);
            type = data.Slice(at + 4, 4);
            ReadOnlySpan<byte> content = data.Slice(at + 8, length);
            at += 12 + length;
            if (type.SequenceEqual("IHDR"u8) ? length != 13 || !header.IsEmpty : header.IsEmpty)
                throw origin.BadHeader("The header chunk is not the first and only one.");
            if (header.IsEmpty)
                header = content;
            if (!type.SequenceEqual("IDAT"u8))
                continue;
            if (packed.Length > 0 && !last.SequenceEqual("IDAT"u8))
                throw origin.Damaged("Another chunk lies between those of pixels.");
            packed.Write(content);
        }

        int width = BinaryPrimitives.ReadInt32BigEndian(header), height = BinaryPrimitives.ReadInt32BigEndian(header[4..]);
        origin.CheckSize((uint)height, (uint)width);
        if (!IsKind(header[8], header[9]))
            throw origin.BadHeader($"No PNG has {header[8]} bits a sample with color type {header[9]}.");
        bool isInterlaced = header[12] != 0;
        // With an empty pass of columns ImageSharp does not come to an end either.
        if (isInterlaced && width <= Passes[1].X)
            throw origin.Unsupported("An interlaced PNG of fewer than five columns is not read.", "Save it without interlace.");
        long needed = BytesOf(height, width, header[8] * Samples(header[9]), isInterlaced);
        packed.Position = 0;
        CheckLength(packed, needed, origin);
    }

    private static bool IsKind(byte bits, byte color) => color switch
    {
        0 => bits is 1 or 2 or 4 or 8 or 16,
        2 or 4 or 6 => bits is 8 or 16,
        3 => bits is 1 or 2 or 4 or 8,
        _ => false,
    };

    // Samples of a pixel by color type.
    private static int Samples(byte color) => color switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    private static long BytesOf(int height, int width, int bitsPerPixel, bool isInterlaced)
    {
        return !isInterlaced
            ? Pass(height, width)
            : Passes.Sum(pass => Pass(Of(height, pass.Y, pass.Rows), Of(width, pass.X, pass.Columns)));

        // A byte before each row names its filter; an empty pass has none.
        long Pass(int rows, int columns) => columns == 0 ? 0 : rows * (1 + ((long)columns * bitsPerPixel + 7) / 8);

        static int Of(int size, int first, int distance) => Math.Max(0, (size - first + distance - 1) / distance);
    }

    private static void CheckLength(MemoryStream packed, long needed, ImageOrigin origin)
    {
        using ZLibStream pixels = new(packed, CompressionMode.Decompress);
        byte[] buffer = new byte[1 << 14];
        long length = 0;
        try
        {
            for (int read; length <= needed && (read = pixels.Read(buffer)) > 0;)
                length += read;
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw origin.Damaged("The compressed pixels are damaged.");
        }

        if (length < needed)
            throw origin.CutOff("There are fewer pixels than the header says.");
        if (length > needed)
            throw origin.Error(DataDiagnostics.TrailingData, "There are more pixels than the header says.",
                "Get the file again, or save the picture anew.");
    }
}
