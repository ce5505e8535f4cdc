using System.Globalization;
using System.Reflection;

namespace Ebsp.Evaluation.Costs;

/// <summary>Reads the embedded tables: a heading, then rows; a cell in quotation marks may hold commas.</summary>
internal static class Csv
{
    /// <summary>The rows of an embedded table without its heading.</summary>
    public static IEnumerable<string[]> Rows(string file)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"the table {file} is not embedded");
        using StreamReader reader = new(stream);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
                yield return Split(line);
        }
    }

    /// <summary>Cells of a line.</summary>
    public static string[] Split(string line)
    {
        if (!line.Contains('"', StringComparison.Ordinal))
            return line.Split(',');
        List<string> cells = [];
        int start = 0;
        bool isQuoted = false;
        for (int i = 0; i <= line.Length; i++)
        {
            if (i < line.Length && line[i] == '"')
                isQuoted = !isQuoted;
            if (i < line.Length && (isQuoted || line[i] != ','))
                continue;
            cells.Add(line[start..i].Trim('"').Replace("\"\"", "\"", StringComparison.Ordinal));
            start = i + 1;
        }

        return [.. cells];
    }

    /// <summary>A number in invariant form.</summary>
    public static double Number(string cell) => double.Parse(cell, NumberStyles.Float, CultureInfo.InvariantCulture);
}
