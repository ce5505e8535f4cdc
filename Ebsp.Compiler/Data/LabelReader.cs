using System.Globalization;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Data;

/// <summary>Labels in a file of their own: IDX, or text with <c>class</c> or <c>name,class</c> a line, in the order of the images, with or
/// without a heading.</summary>
internal static class LabelReader
{
    private const long MaxTextBytes = 1 << 28;

    /// <summary>Reads the first <paramref name="count"/> labels; the file may have more.</summary>
    public static int[] Read(string path, int count) => Exactly(ReadRows(path, count), count, path);

    /// <summary>The classes of the rows, of which there must be so many.</summary>
    public static int[] Exactly(List<(string? Name, int Class)> rows, int count, string path) => rows.Count == count
        ? [.. rows.Select(row => row.Class)]
        : throw DataDiagnostics.Error(DataDiagnostics.LabelMismatch, path, null,
            string.Create(CultureInfo.InvariantCulture, $"The file has {rows.Count} labels for {count} images."),
                "Give a label for each image, or fewer images with --count.");

    /// <summary>Reads at most <paramref name="count"/> labels, with their names where the file has them.</summary>
    public static List<(string? Name, int Class)> ReadRows(string path, int count)
    {
        if (Path.GetFileName(path).Contains("idx1", StringComparison.OrdinalIgnoreCase))
            return [.. IdxReader.ReadLabels(path, count).Select(label => ((string?)null, label))];
        if (new FileInfo(path).Length > MaxTextBytes)
            throw DataDiagnostics.Error(DataDiagnostics.TooLarge, path, null, "The file of labels takes more than 256 MiB.",
                "Give a text file with one class a line.");
        List<(string?, int)> rows = [];
        int line = 0;
        foreach (string text in File.ReadLines(path))
        {
            line++;
            int comma = text.LastIndexOf(',');
            ReadOnlySpan<char> field = text.AsSpan(comma + 1).Trim();
            if (rows.Count == count)
                break;
            if (int.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out int label))
                rows.Add((comma < 0 ? null : text[..comma].Trim(), label));
            else if (!string.IsNullOrWhiteSpace(text) && (line > 1 || field.ContainsAnyInRange('0', '9')))
                throw DataDiagnostics.Error(DataDiagnostics.BadValue, path, string.Create(CultureInfo.InvariantCulture, $"line {line}"),
                    "The line does not end with a class number.", "Write one class, or name,class, a line.");
        }

        return rows;
    }

    /// <summary>Adds the offset to every label.</summary>
    public static int[]? Shift(int[]? labels, int offset, string path) => offset == 0 || labels is null
        ? labels
        : Array.ConvertAll(labels, label =>
        (long)label + offset is >= 0 and <= int.MaxValue
            ? label + offset
            : throw DataDiagnostics.Error(DataDiagnostics.BadOption, path, null,
                string.Create(CultureInfo.InvariantCulture, $"--label-offset {offset} takes label {label} below 0 or above 2^31-1."),
                    "Give an offset that keeps every label in range."));
}
