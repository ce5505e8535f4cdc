using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Ebsp.Compiler.Tests.Data;

/// <summary>Writes PNG files of every kind, straight from the standard.</summary>
internal static class PngFile
{
    /// <summary>Samples of a pixel by color type.</summary>
    public static int SamplesOf(int color) => color switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    // H x W x samples of 0..2^bits - 1; the filter of a row by its number.
    public static byte[] Write(int height, int width, int color, int bits, int[] samples, Func<int, int> filter, bool interlaced = false,
        byte[]? palette = null)
    {
        int per = SamplesOf(color);
        using var raw = new MemoryStream();
        (int X, int Y, int Dx, int Dy)[] passes = interlaced
            ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
            : [(0, 0, 1, 1)];
        int number = 0;
        foreach ((int x0, int y0, int dx, int dy) in passes)
        {
            byte[]? above = null;
            for (int y = y0; y < height && x0 < width; y += dy)
            {
                var bitsOfRow = new StringBuilder();
                for (int x = x0; x < width; x += dx)
                    for (int s = 0; s < per; s++)
                        bitsOfRow.Append(Convert.ToString(samples[(y * width + x) * per + s], 2).PadLeft(bits, '0'));
                while (bitsOfRow.Length % 8 != 0)
                    bitsOfRow.Append('0');
                byte[] row = [.. Enumerable.Range(0, bitsOfRow.Length / 8).Select(i => Convert.ToByte(bitsOfRow.ToString(8 * i, 8), 2))];
                int kind = filter(number++);
                raw.WriteByte((byte)kind);
                raw.Write(Filter(kind, row, above ?? new byte[row.Length], Math.Max(1, per * bits / 8)));
                above = row;
            }
        }

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)bits, (byte)color, (byte)(interlaced ? 1 : 0));
        byte[] packed = Zlib(raw.ToArray());
        return
        [
            0x89, .. "PNG\r\n\x1A\n"u8, .. Chunk("IHDR", header), .. Chunk("tEXt", [1, 2, 3]), .. palette is null
                ? []
                : Chunk("PLTE", palette),
            .. Chunk("IDAT", packed[..(packed.Length / 2)]), .. Chunk("IDAT", packed[(packed.Length / 2)..]), .. Chunk("IEND", []),
        ];
    }

    public static byte[] Zlib(byte[] raw)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(raw);
        return packed.ToArray();
    }

    public static byte[] Chunk(string type, byte[] content)
    {
        byte[] typed = [.. Encoding.ASCII.GetBytes(type), .. content], length = new byte[4], crc = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
        // Bit by bit, unlike the reader's table.
        uint sum = uint.MaxValue;
        foreach (byte value in typed)
            for (int bit = 0; bit < 8; bit++)
                sum = ((sum ^ (uint)(value >> bit)) & 1) != 0 ? sum >> 1 ^ 0xEDB88320 : sum >> 1;
        BinaryPrimitives.WriteUInt32BigEndian(crc, ~sum);
        return [.. length, .. typed, .. crc];
    }

    private static byte[] Filter(int kind, byte[] row, byte[] above, int distance)
    {
        byte[] result = new byte[row.Length];
        for (int i = 0; i < row.Length; i++)
        {
            int a = i < distance ? 0 : row[i - distance], b = above[i], c = i < distance ? 0 : above[i - distance], p = a + b - c;
            int nearest = new[] { a, b, c }.MinBy(value => Math.Abs(p - value));
            result[i] = (byte)(row[i] - kind switch { 0 => 0, 1 => a, 2 => b, 3 => (a + b) >> 1, _ => nearest });
        }

        return result;
    }
}
