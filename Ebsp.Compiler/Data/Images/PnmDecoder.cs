using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data.Images;

/// <summary>
/// Netpbm's PGM and PPM: P2 and P3 (numbers as text), P5 and P6 (bytes), comments in the header and between numbers. Maxval 1..255; a value
/// v becomes round(255 v / maxval).
/// </summary>
internal ref struct PnmDecoder
{
    private readonly ReadOnlySpan<byte> data;
    private readonly ImageOrigin origin;
    private int position = 2;

    private PnmDecoder(ReadOnlySpan<byte> data, ImageOrigin origin)
    {
        this.data = data;
        this.origin = origin;
    }

    /// <param name="data">The file, which starts with P and a digit.</param>
    /// <param name="origin">For diagnostics.</param>
    public static Raster Decode(ReadOnlySpan<byte> data, ImageOrigin origin) => new PnmDecoder(data, origin).Decode();

    private Raster Decode()
    {
        char kind = (char)data[1];
        if (kind is not ('2' or '3' or '5' or '6'))
            throw origin.Unsupported($"The picture is of Netpbm's kind P{kind}.", "Save it as PGM or PPM (P2, P3, P5, P6) or PNG.");
        int channels = kind is '3' or '6' ? 3 : 1;
        int width = Number("the width"), height = Number("the height"), max = Number("the largest value");
        origin.CheckSize(height, width);
        if (max is < 1 or > ushort.MaxValue)
            throw origin.BadHeader($"The largest value is {max}.");
        if (max > 255)
            throw origin.Unsupported($"The picture has more than 8 bits a value (largest value {max}).", "Save it with 8 bits a value.");
        bool text = kind is '2' or '3';
        int plane = height * width, samples = channels * plane;
        if (!text)
            position++; // one white space byte ends the header
        // Text needs a digit and a separator for each value.
        long needed = text ? 2L * samples - 1 : samples;
        if (data.Length - (long)position < needed)
            throw origin.CutOff($"The file is too short for {height} rows and {width} columns.");
        byte[] pixels = new byte[samples];
        for (int i = 0; i < samples; i++)
        {
            int value = text ? Number("a value") : data[position++];
            if (value > max)
                throw origin.Error(DataDiagnostics.BadValue, $"The value {value} is above the largest value {max}.",
                    "Get the file again, or save the picture anew.");
            pixels[i % channels * plane + i / channels] = (byte)((value * 255 * 2 + max) / (2 * max));
        }

        if (text)
            SkipSpace();
        if (data[position..].ContainsAnyExcept(" \t\r\n"u8))
            throw origin.Error(DataDiagnostics.TrailingData, "Bytes follow the picture.", "Give one picture a file.");
        return new Raster(channels, height, width, pixels);
    }

    private void SkipSpace()
    {
        while (position < data.Length && (IsSpace(data[position]) || data[position] == '#'))
            if (data[position++] == '#')
                while (position < data.Length && data[position] is not ((byte)'\n' or (byte)'\r'))
                    position++;
    }

    private int Number(string what)
    {
        SkipSpace();
        int start = position, value = 0;
        for (; position < data.Length && char.IsAsciiDigit((char)data[position]); position++)
            value = Math.Min(value * 10 + data[position] - '0', 1 << 24);
        if (position == start)
            throw position == data.Length
                ? origin.CutOff($"The file ends before {what}.")
                : origin.BadHeader($"{char.ToUpperInvariant(what[0])}{what[1..]} is no number.");
        if (position < data.Length && !IsSpace(data[position]) && data[position] != '#')
            throw origin.BadHeader($"{char.ToUpperInvariant(what[0])}{what[1..]} is no number.");
        return value;
    }

    private static bool IsSpace(byte value) => value is 32 or (>= 9 and <= 13);
}
