using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Ebsp.Compiler.Data.Images;

/// <summary>
/// PNG (ISO/IEC 15948): all color types, bit depths and Adam7. Values become 8 bits: fewer are spread (v * 255 / (2^bits - 1)), of 16 the
/// high byte is taken. Alpha and tRNS are dropped, not composited: the color beneath is what stays. Gamma and color profiles are ignored.
/// </summary>
internal sealed class PngDecoder
{
    // Deflate makes at most 1,032 bytes of one.
    private const long MaxRatio = 1032;

    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private readonly ImageOrigin _origin;
    private readonly List<byte> _packed = [];
    private byte[] _palette = [];
    private int _height, _width, _bits, _samples;
    private bool _isPalette, _isInterlaced;

    private PngDecoder(ImageOrigin origin) => _origin = origin;

    /// <summary>The eight bytes at the start of every PNG.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <param name="data">The file, which starts with <see cref="Signature"/>.</param>
    /// <param name="origin">For diagnostics.</param>
    public static Raster Decode(ReadOnlySpan<byte> data, ImageOrigin origin)
    {
        PngDecoder decoder = new(origin);
        decoder.ReadChunks(data);
        return decoder.Unpack();
    }

    private void ReadChunks(ReadOnlySpan<byte> data)
    {
        string last = "";
        for (int position = Signature.Length; last != "IEND";)
        {
            if (data.Length - position < 12)
                throw _origin.CutOff("The file ends before its IEND chunk.");
            uint length = BinaryPrimitives.ReadUInt32BigEndian(data[position..]);
            if (length > data.Length - position - 12)
                throw _origin.CutOff($"A chunk of {length} bytes runs beyond the file.");
            ReadOnlySpan<byte> typed = data.Slice(position + 4, 4 + (int)length);
            string type = Encoding.Latin1.GetString(typed[..4]);
            if (Crc32.HashToUInt32(typed) != BinaryPrimitives.ReadUInt32BigEndian(data[(position + 8 + (int)length)..]))
                throw _origin.Damaged("The CRC of a chunk is wrong.");
            if (last.Length == 0 != (type == "IHDR"))
                throw _origin.BadHeader("The IHDR chunk is not the first, or comes twice.");
            if (type == "IDAT" && _packed.Count > 0 && last != "IDAT")
                throw _origin.Damaged("The IDAT chunks do not follow each other.");
            Take(type, typed[4..]);
            last = type;
            position += 12 + (int)length;
        }
    }

    private void Take(string type, ReadOnlySpan<byte> content)
    {
        switch (type)
        {
            case "IHDR":
                ReadHeader(content);
                break;
            case "PLTE":
                if (content.Length is 0 or > 768 || content.Length % 3 != 0)
                    throw _origin.BadHeader("The palette has not 1 to 256 colors.");
                _palette = content.ToArray();
                break;
            case "IDAT":
                _packed.AddRange(content);
                break;
            case "IEND":
                break;
            default:
                // Bit 5 of the first letter: a chunk that one may skip.
                if ((type[0] & 0x20) == 0)
                    throw _origin.BadHeader("There is a critical chunk that PNG does not have.");
                break;
        }
    }

    private void ReadHeader(ReadOnlySpan<byte> header)
    {
        if (header.Length != 13)
            throw _origin.BadHeader("The IHDR chunk has not 13 bytes.");
        uint width = BinaryPrimitives.ReadUInt32BigEndian(header), height = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        _origin.CheckSize(height, width);
        (_height, _width, _bits) = ((int)height, (int)width, header[8]);
        int color = header[9];
        bool fits = color switch
        {
            0 => _bits is 1 or 2 or 4 or 8 or 16,
            3 => _bits is 1 or 2 or 4 or 8,
            2 or 4 or 6 => _bits is 8 or 16,
            _ => false,
        };
        if (!fits || header[10] != 0 || header[11] != 0 || header[12] > 1)
            throw _origin.BadHeader(
                $"There is no PNG of color type {color}, bit depth {_bits}, compression {header[10]}, filter {header[11]}, interlace " +
                $"{header[12]}.");
        _samples = color switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        (_isPalette, _isInterlaced) = (color == 3, header[12] == 1);
    }

    private Raster Unpack()
    {
        if (_isPalette && _palette.Length == 0)
            throw _origin.BadHeader("There is no palette.");
        (int X, int Y, int StepX, int StepY)[] passes = _isInterlaced ? Adam7 : [(0, 0, 1, 1)];
        long bytes = 0;
        foreach (var pass in passes)
            bytes += Columns(pass) == 0 ? 0 : Rows(pass) * (1L + RowBytes(Columns(pass)));
        if (bytes > _packed.Count * MaxRatio)
            throw _origin.CutOff($"The file is too short for {_height} rows and {_width} columns.");
        int channels = _isPalette || _samples > 2 ? 3 : 1;
        Raster raster = new(channels, _height, _width, new byte[channels * _height * _width]);
        try
        {
            using ZLibStream stream = new(new MemoryStream([.. _packed]), CompressionMode.Decompress);
            foreach (var pass in passes)
                if (Columns(pass) > 0)
                    ReadPass(stream, pass, raster);
            if (stream.ReadByte() >= 0)
                throw _origin.Error(DataDiagnostics.TrailingData, "The compressed data is longer than the picture.",
                    "Save the picture anew.");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // IOException: the stream asks for a preset dictionary, which PNG does not have.
            throw _origin.Damaged("The zlib stream is damaged.");
        }

        return raster;
    }

    private int Columns((int X, int Y, int StepX, int StepY) pass) => (_width - pass.X + pass.StepX - 1) / pass.StepX;

    private int Rows((int X, int Y, int StepX, int StepY) pass) => (_height - pass.Y + pass.StepY - 1) / pass.StepY;

    private int RowBytes(int columns) => checked((int)(((long)columns * _samples * _bits + 7) / 8));

    private void ReadPass(Stream stream, (int X, int Y, int StepX, int StepY) pass, Raster raster)
    {
        int columns = Columns(pass), distance = Math.Max(1, _samples * _bits / 8);
        byte[] row = new byte[1 + RowBytes(columns)], above = new byte[row.Length];
        for (int y = pass.Y; y < _height; y += pass.StepY)
        {
            if (stream.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) < row.Length)
                throw _origin.CutOff($"The compressed data ends in row {y}.");
            Unfilter(row[0], row.AsSpan(1), above.AsSpan(1), distance);
            for (int i = 0, x = pass.X; i < columns; i++, x += pass.StepX)
                Put(row.AsSpan(1), i, raster, y * _width + x);
            (row, above) = (above, row);
        }
    }

    private void Unfilter(int filter, Span<byte> row, ReadOnlySpan<byte> above, int distance)
    {
        if (filter > 4)
            throw _origin.Damaged($"There is no filter {filter}.");
        for (int i = 0; i < row.Length && filter > 0; i++)
        {
            int a = i < distance ? 0 : row[i - distance], b = above[i], c = i < distance ? 0 : above[i - distance];
            row[i] += (byte)(filter switch { 1 => a, 2 => b, 3 => (a + b) / 2, _ => Paeth(a, b, c) });
        }
    }

    private static int Paeth(int a, int b, int c)
    {
        int toA = Math.Abs(b - c), toB = Math.Abs(a - c), toC = Math.Abs(a + b - 2 * c);
        return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
    }

    private void Put(ReadOnlySpan<byte> row, int column, Raster raster, int at)
    {
        if (_isPalette)
        {
            int entry = 3 * Sample(row, column);
            if (entry >= _palette.Length)
                throw _origin.Error(DataDiagnostics.BadValue, $"A pixel has color {entry / 3} of a palette of {_palette.Length / 3}.",
                    "Save the picture anew.");
            for (int c = 0; c < 3; c++)
                raster.Pixels[c * raster.Plane + at] = _palette[entry + c];
            return;
        }

        for (int c = 0; c < raster.Channels; c++)
        {
            int sample = Sample(row, column * _samples + c);
            raster.Pixels[c * raster.Plane + at] = (byte)(_bits < 8 ? sample * 255 / ((1 << _bits) - 1) : sample);
        }
    }

    /// <summary>A value of a row; the high byte of 16 bits.</summary>
    private int Sample(ReadOnlySpan<byte> row, int i) => _bits switch
    {
        8 => row[i],
        16 => row[2 * i],
        _ => row[i * _bits / 8] >> (8 - _bits - i * _bits % 8) & ((1 << _bits) - 1),
    };
}
