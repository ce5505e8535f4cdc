using System.Buffers.Binary;
using Ebsp.Compiler.Data.Images;

namespace Ebsp.Compiler.Data.Jpeg;

/// <summary>
/// Baseline and extended sequential JPEG with Huffman coding and 8 bits a sample (ITU-T T.81): gray, YCbCr and RGB, any whole sampling
/// ratio, restart markers, interleaved or one scan a component. The pixels are those of libjpeg-turbo with its defaults. Orientation and
/// color profiles are ignored.
/// </summary>
internal ref struct JpegDecoder
{
    private static ReadOnlySpan<byte> ZigZag =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    private readonly ReadOnlySpan<byte> data;
    private readonly ImageOrigin origin;
    private readonly int[]?[] quantization = new int[]?[4]; // in the order of the file (zigzag)
    private readonly HuffmanTable?[] dc = new HuffmanTable?[4];
    private readonly HuffmanTable?[] ac = new HuffmanTable?[4];
    private JpegComponent[] components = [];
    private int height, width, maxVertical = 1, maxHorizontal = 1, restartInterval, position = 2;
    private int adobeTransform = -1;
    private bool isJfif;

    private JpegDecoder(ReadOnlySpan<byte> data, ImageOrigin origin)
    {
        this.data = data;
        this.origin = origin;
    }

    /// <summary>SOI and the start of the next marker.</summary>
    public static ReadOnlySpan<byte> Signature => [0xFF, 0xD8, 0xFF];

    /// <param name="data">The file, which starts with <see cref="Signature"/>.</param>
    /// <param name="origin">For diagnostics.</param>
    public static Raster Decode(ReadOnlySpan<byte> data, ImageOrigin origin) => new JpegDecoder(data, origin).Decode();

    private Raster Decode()
    {
        for (int marker = NextMarker(); marker != 0xD9; marker = NextMarker())
        {
            ReadOnlySpan<byte> segment = Segment();
            switch (marker)
            {
                case 0xC0 or 0xC1:
                    ReadFrame(segment);
                    break;
                case 0xC4:
                    ReadHuffmanTables(segment);
                    break;
                case 0xDA:
                    ReadScan(segment);
                    break;
                case 0xDB:
                    ReadQuantization(segment);
                    break;
                case 0xDD:
                    Require(segment.Length == 2, "A DRI segment");
                    restartInterval = BinaryPrimitives.ReadUInt16BigEndian(segment);
                    break;
                case 0xE0:
                    isJfif |= segment.StartsWith("JFIF\0"u8);
                    break;
                case 0xEE:
                    if (segment.Length >= 12 && segment.StartsWith("Adobe"u8))
                        adobeTransform = segment[11];
                    break;
                case (>= 0xE1 and <= 0xEF) or 0xFE:
                    break;
                default:
                    throw origin.Unsupported($"{KindOf(marker)} (marker FF{marker:X2}) is not read.",
                        "Save the picture as baseline JPEG or PNG.");
            }
        }

        return Compose();
    }

    private static string KindOf(int marker) => marker switch
    {
        0xC2 => "A progressive JPEG",
        0xC3 => "A lossless JPEG",
        0xC5 or 0xC6 or 0xC7 or 0xDE or 0xDF => "A hierarchical JPEG",
        (>= 0xC9 and <= 0xCF) or 0xCC => "A JPEG with arithmetic coding",
        0xDC => "A JPEG whose height comes after its pixels (DNL)",
        _ => "A JPEG segment of an unknown kind",
    };

    private int NextMarker()
    {
        if (position < data.Length && data[position] != 0xFF)
            throw origin.Damaged("There is no marker where a segment ends.");
        while (position < data.Length && data[position] == 0xFF)
            position++;
        return position < data.Length ? data[position++] : throw origin.CutOff("The file ends before its end marker.");
    }

    private ReadOnlySpan<byte> Segment()
    {
        int length = position + 2 <= data.Length ? BinaryPrimitives.ReadUInt16BigEndian(data[position..]) : int.MaxValue;
        if (length > data.Length - position)
            throw origin.CutOff("The file ends within a segment.");
        Require(length >= 2, "A segment");
        ReadOnlySpan<byte> segment = data.Slice(position + 2, length - 2);
        position += length;
        return segment;
    }

    private readonly void Require(bool condition, string what)
    {
        if (!condition)
            throw origin.Damaged($"{what} has the wrong length or a value out of range.");
    }

    private void ReadFrame(ReadOnlySpan<byte> segment)
    {
        Require(components.Length == 0 && segment.Length >= 6 && segment.Length == 6 + 3 * segment[5], "The frame header");
        if (segment[0] != 8)
            throw origin.Unsupported($"A JPEG with {segment[0]} bits a sample is not read.", "Save the picture with 8 bits.");
        (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
        if (height == 0)
            throw origin.Unsupported("A JPEG whose height comes after its pixels (DNL) is not read.",
                "Save the picture as baseline JPEG or PNG.");
        origin.CheckSize(height, width);
        if (segment[5] is not (1 or 3))
            throw origin.Unsupported(segment[5] == 4
                ? "A CMYK or YCCK JPEG is not read."
                : $"A JPEG of {segment[5]} components is not read.", "Save the picture as RGB.");
        components = new JpegComponent[segment[5]];
        for (int i = 0; i < components.Length; i++)
        {
            ReadOnlySpan<byte> c = segment.Slice(6 + 3 * i, 3);
            components[i] = new JpegComponent(c[0], c[1] >> 4, c[1] & 15, c[2]);
            Require(components[i] is { Horizontal: >= 1 and <= 4, Vertical: >= 1 and <= 4, Quantization: < 4 }, "The frame header");
            maxHorizontal = Math.Max(maxHorizontal, components[i].Horizontal);
            maxVertical = Math.Max(maxVertical, components[i].Vertical);
        }

        long blocks = 0;
        foreach (JpegComponent component in components)
        {
            if (maxHorizontal % component.Horizontal != 0 || maxVertical % component.Vertical != 0)
                throw origin.Unsupported("A JPEG with a sampling ratio that is no whole number is not read.",
                    "Save the picture with 4:4:4 or 4:2:0.");
            component.Size(height, width, maxVertical, maxHorizontal);
            blocks += component.Blocks;
        }

        // A block takes at least two bits: one for DC, one for the end of AC.
        if (blocks > 4L * data.Length)
            throw origin.CutOff($"The file is too short for {height} rows and {width} columns.");
    }

    private readonly void ReadQuantization(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            int bytes = segment[0] >> 4 == 0 ? 1 : 2, index = segment[0] & 15;
            Require(segment[0] >> 4 <= 1 && index < 4 && segment.Length >= 1 + 64 * bytes, "A quantization table");
            int[] table = new int[64];
            for (int i = 0; i < 64; i++)
                table[i] = bytes == 1 ? segment[1 + i] : BinaryPrimitives.ReadUInt16BigEndian(segment[(1 + 2 * i)..]);
            quantization[index] = table;
            segment = segment[(1 + 64 * bytes)..];
        }
    }

    private readonly void ReadHuffmanTables(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            int index = segment[0] & 15, count = 0;
            Require(segment.Length >= 17 && segment[0] >> 4 <= 1 && index < 4, "A Huffman table");
            foreach (byte codes in segment.Slice(1, 16))
                count += codes;
            Require(count <= 256 && segment.Length >= 17 + count, "A Huffman table");
            HuffmanTable? table = HuffmanTable.Create(segment.Slice(1, 16), segment.Slice(17, count));
            Require(table is not null, "A Huffman table");
            (segment[0] >> 4 == 0 ? dc : ac)[index] = table;
            segment = segment[(17 + count)..];
        }
    }

    private void ReadScan(ReadOnlySpan<byte> segment)
    {
        Require(components.Length > 0 && segment.Length >= 1 && segment[0] is >= 1 and <= 3 && segment.Length == 4 + 2 * segment[0],
            "A scan header");
        JpegComponent[] scan = new JpegComponent[segment[0]];
        int mcuRows = (height + 8 * maxVertical - 1) / (8 * maxVertical),
            mcuColumns = (width + 8 * maxHorizontal - 1) / (8 * maxHorizontal);
        for (int i = 0; i < scan.Length; i++)
        {
            int id = segment[1 + 2 * i], tables = segment[2 + 2 * i];
            JpegComponent? component = Array.Find(components, c => c.Id == id && c.Samples.Length == 0);
            Require(component is not null && tables >> 4 < 4 && (tables & 15) < 4, "A scan header");
            (component!.Dc, component.Ac) = (dc[tables >> 4], ac[tables & 15]);
            Require(component.Dc is not null && component.Ac is not null && quantization[component.Quantization] is not null,
                "A scan header");
            component.Allocate(mcuRows, mcuColumns);
            scan[i] = component;
        }

        if (scan.Length == 1)
            (mcuRows, mcuColumns) = (scan[0].BlockRows, scan[0].BlockColumns);
        BitReader bits = new(data, position);
        Span<int> block = stackalloc int[64];
        int untilRestart = restartInterval, restart = 0;
        for (int mcu = 0; mcu < mcuRows * mcuColumns; mcu++)
        {
            if (restartInterval > 0 && untilRestart-- == 0)
            {
                Restart(ref bits, scan, restart++ & 7);
                untilRestart = restartInterval - 1;
            }

            ReadMcu(ref bits, scan, mcu / mcuColumns, mcu % mcuColumns, block);
            if (bits.Overrun)
                throw origin.CutOff($"The coded pixels end in block {mcu} of {mcuRows * mcuColumns}.");
        }

        if (!bits.End())
            throw origin.Damaged("Bytes follow the coded pixels.");
        position = bits.Position;
    }

    private void Restart(ref BitReader bits, JpegComponent[] scan, int number)
    {
        if (!bits.End())
            throw origin.Damaged("A restart marker comes too late.");
        position = bits.Position;
        int marker = NextMarker();
        if (marker != 0xD0 + number)
            throw origin.Damaged($"There is marker FF{marker:X2} where restart marker {number} has to be.");
        bits.Restart(position);
        foreach (JpegComponent component in scan)
            component.Prediction = 0;
    }

    private readonly void ReadMcu(ref BitReader bits, JpegComponent[] scan, int row, int column, scoped Span<int> block)
    {
        foreach (JpegComponent component in scan)
        {
            // A scan of one component has blocks, not MCUs.
            int down = scan.Length == 1 ? 1 : component.Vertical, across = scan.Length == 1 ? 1 : component.Horizontal;
            for (int v = 0; v < down; v++)
                for (int h = 0; h < across; h++)
                {
                    ReadBlock(ref bits, component, block);
                    int at = 8 * ((row * down + v) * component.Stride + column * across + h);
                    InverseDct.Transform(block, component.Samples.AsSpan(at), component.Stride);
                }
        }
    }

    /// <summary>Decodes and dequantizes 64 coefficients (T.81, F.2.2).</summary>
    private readonly void ReadBlock(ref BitReader bits, JpegComponent component, scoped Span<int> block)
    {
        int[] table = quantization[component.Quantization]!;
        block.Clear();
        int size = component.Dc!.Read(ref bits);
        if (size is < 0 or > 15)
            throw origin.Damaged("A DC coefficient has a code that the table does not have.");
        component.Prediction += bits.ReadSigned(size);
        block[0] = component.Prediction * table[0];
        for (int k = 1; k < 64; k++)
        {
            int symbol = component.Ac!.Read(ref bits);
            if (symbol < 0)
                throw origin.Damaged("An AC coefficient has a code that the table does not have.");
            int run = symbol >> 4, bitsOfValue = symbol & 15;
            if (bitsOfValue == 0 && run < 15)
                return;
            k += run;
            if (k > 63)
                throw origin.Damaged("A block has more than 64 coefficients.");
            block[ZigZag[k]] = bits.ReadSigned(bitsOfValue) * table[k];
        }
    }

    private readonly Raster Compose()
    {
        if (components.Length == 0 || components.Any(component => component.Samples.Length == 0))
            throw origin.CutOff("The file ends before all components of the picture.");
        Raster raster = new(components.Length, height, width, new byte[components.Length * height * width]);
        for (int c = 0; c < components.Length; c++)
            Upsampling.Expand(components[c], maxVertical / components[c].Vertical, maxHorizontal / components[c].Horizontal,
                raster.Pixels.AsSpan(c * raster.Plane, raster.Plane), width);
        if (components.Length == 3 && !IsRgb())
            ColorConversion.ToRgb(raster.Pixels, raster.Plane);
        return raster;
    }

    // As the IJG's library decides: JFIF is YCbCr; else Adobe's marker says; else components called R, G, B are that.
    private readonly bool IsRgb() => !isJfif && (adobeTransform >= 0
        ? adobeTransform == 0
        : components is [{ Id: 'R' }, { Id: 'G' }, { Id: 'B' }]);
}
