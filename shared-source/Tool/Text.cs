using System.Globalization;
using System.Text;

namespace Ebsp.Tool;

/// <summary>Text that comes from files, made fit for a terminal.</summary>
internal static class Text
{
    /// <summary>The line with control characters and those that turn the direction of writing as \uXXXX.</summary>
    public static string Clean(string line)
    {
        if (!line.Any(IsUnsafe))
            return line;
        StringBuilder clean = new(line.Length + 16);
        foreach (char c in line)
        {
            if (IsUnsafe(c))
                clean.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                clean.Append(c);
        }

        return clean.ToString();
    }

    /// <summary>A name as a cell of a CSV file: quoted as RFC 4180 has it, line breaks and other control characters escaped.</summary>
    public static string CsvCell(string name)
    {
        string clean = Clean(name);
        return clean.AsSpan().ContainsAny(',', '"') ? $"\"{clean.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : clean;
    }

    /// <summary>Rows as lines: the first column to the left, the others to the right.</summary>
    /// <param name="rows">Cells; the first row is the heading.</param>
    /// <param name="left">How many columns stand to the left.</param>
    public static IEnumerable<string> Table(IReadOnlyList<string[]> rows, int left = 1)
    {
        int columns = rows.Max(row => row.Length);
        int[] widths = [.. Enumerable.Range(0, columns).Select(c => rows.Max(row => c < row.Length ? row[c].Length : 0))];
        foreach (string[] row in rows)
            yield return string.Join("  ", row.Select((cell, c) => c < left ? cell.PadRight(widths[c]) : cell.PadLeft(widths[c])))
                .TrimEnd();
    }

    // U+2028 and U+2029 end lines in some viewers; U+202A..E and U+2066..9 turn the direction.
    private static bool IsUnsafe(char c) => char.IsControl(c)
        || c is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
