using System.Globalization;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data;

/// <summary>UCI digits: CSV lines of 64 pixels 0..16, 8 x 8 row by row, and the label 0..9; also in gzip.</summary>
internal static class DigitsReader
{
    private const int Pixels = 64;

    /// <summary>Shape of an image.</summary>
    public static Ir.Shape Shape { get; } = new(1, 8, 8);

    public static ImageSet Read(string path, int count)
    {
        using DataSource source = DataSource.Open(path);
        var pixels = new List<byte>();
        var labels = new List<int>();
        Span<byte> buffer = stackalloc byte[4096];
        int field = 0, value = -1, line = 1, length;
        // Byte by byte: a line is never held, so one without an end costs no memory.
        while (labels.Count < count && (length = source.Fill(buffer)) > 0)
            foreach (byte c in buffer[..length])
            {
                if (labels.Count == count)
                    break;
                if (c is >= (byte)'0' and <= (byte)'9')
                    value = Math.Min(Math.Max(value, 0) * 10 + (c - '0'), 1000);
                else if (c == ',')
                    EndField();
                else if (c == '\n')
                    EndLine();
                else if (c != '\r')
                    throw Bad($"Byte 0x{c:x2} is neither digit nor comma.");
            }
        if (labels.Count < count)
        {
            EndLine();
            source.ExpectEnd();
        }
        if (labels.Count == 0)
            throw DataDiagnostics.Error(DataDiagnostics.Empty, path, null, "The file holds no image.", "Give a file with at least one.");
        return new ImageSet(Path.GetFileName(path), 1, 8, 8, labels.Count, pixels.ToArray(), labels.ToArray());

        void EndField()
        {
            if (field >= Pixels)
                throw Bad($"The line has more than {Pixels + 1} fields.");
            if (value is < 0 or > 16)
                throw Bad($"Field {field + 1} is not a pixel of 0..16.");
            pixels.Add((byte)value);
            field++;
            value = -1;
        }

        void EndLine()
        {
            if (field == 0 && value < 0)
            {
                line++;
                return;
            }
            if (field != Pixels)
                throw Bad($"The line has {field + 1} fields, not {Pixels + 1}.");
            if (value is < 0 or > 9)
                throw Bad($"Field {field + 1} is not a label of 0..9.");
            labels.Add(value);
            if (pixels.Count > DataSource.MaxSetBytes - Pixels)
                throw DataDiagnostics.OverLimit(path);
            (field, value) = (0, -1);
            line++;
        }

        Diagnostics.EbspException Bad(FormattableString cause) => DataDiagnostics.Error(DataDiagnostics.BadValue, path,
            string.Create(CultureInfo.InvariantCulture, $"line {line}"), FormattableString.Invariant(cause),
                "Give lines of 64 pixels 0..16 and a label 0..9.");
    }
}
