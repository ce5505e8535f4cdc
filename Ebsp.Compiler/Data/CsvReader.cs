using System.Globalization;
using System.Text;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Data;

/// <summary>Rows of numbers, one image a line: its values in the order of the network, then, where there is one more, its class.</summary>
internal static class CsvReader
{
    private const int MaxFieldBytes = 64;

    /// <summary>Reads rows.</summary>
    /// <param name="path">The file, also in gzip. A first line that is no numbers is a heading.</param>
    /// <param name="count">Largest number of rows.</param>
    /// <param name="input">Shape of the network's input.</param>
    /// <exception cref="Diagnostics.EbspException">EBSP7008, EBSP7011: a row is malformed, or there is none.</exception>
    public static ImageSet Read(string path, int count, Shape input)
    {
        using DataSource source = DataSource.Open(path);
        List<float> values = [], row = [];
        List<int> labels = [];
        StringBuilder field = new();
        int line = 1, rows = 0, length;
        bool isHeading = false;
        byte[] buffer = new byte[1 << 14];
        // Byte by byte: a line is never held, so one without an end costs no memory.
        while (rows < count && (length = source.Fill(buffer)) > 0)
        {
            for (int i = 0; i < length && rows < count; i++)
            {
                if (buffer[i] is (byte)',' or (byte)';' or (byte)'\t')
                    EndField();
                else if (buffer[i] == '\n')
                    EndLine();
                else if (field.Length < MaxFieldBytes)
                    field.Append((char)buffer[i]);
                else if (line > 1)
                    throw Bad($"a field has more than {MaxFieldBytes} bytes");
            }
        }

        if (rows < count && (field.Length > 0 || row.Count > 0))
            EndLine();
        if (rows == 0)
            throw DataDiagnostics.Error(DataDiagnostics.Empty, path, null, "The file holds no row.", "Give a file with at least one.");
        return new ImageSet(Path.GetFileName(path), input.Channels, input.Height, input.Width, rows, [],
            labels.Count == rows ? [.. labels] : null) { Values = [.. values] };

        void EndField()
        {
            string text = field.ToString().Trim();
            field.Clear();
            if (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) && float.IsFinite(value))
                row.Add(value);
            else if (line == 1)
                isHeading = true;
            else
                throw Bad($"field {row.Count + 1} is no number");
            if (row.Count > input.Elements + 1)
                throw Bad($"more than {input.Elements} values and a class");
        }

        void EndLine()
        {
            bool isBlank = row.Count == 0 && field.ToString().Trim().Length == 0;
            if (!isBlank)
                EndField();
            if (!isBlank && !isHeading)
            {
                bool hasLabel = row.Count == input.Elements + 1;
                if (row.Count != input.Elements && !hasLabel || rows > 0 && hasLabel != (labels.Count == rows))
                    throw Bad($"{row.Count} values for a network that reads {input.Elements}");
                if (hasLabel && (row[^1] < 0 || row[^1] > 1e6f || row[^1] != MathF.Floor(row[^1])))
                    throw Bad($"{row[^1]} is no class");
                if (hasLabel)
                    labels.Add((int)row[^1]);
                if ((values.Count + input.Elements) * sizeof(float) > DataSource.MaxSetBytes)
                    throw DataDiagnostics.OverLimit(path);
                values.AddRange(row.Take((int)input.Elements));
                rows++;
            }

            isHeading = false;
            row.Clear();
            line++;
        }

        Diagnostics.EbspException Bad(FormattableString cause) => DataDiagnostics.Error(DataDiagnostics.BadValue, path,
            string.Create(CultureInfo.InvariantCulture, $"line {line}"), $"A row is malformed: {FormattableString.Invariant(cause)}.",
            "Give a row of numbers an image, with commas between them, and its class behind them or not.");
    }
}
