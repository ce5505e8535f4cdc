using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Ebsp.Evaluation.Experiments;

/// <summary>A column: what it holds, in which unit, by which formula.</summary>
/// <param name="Name">Heading; the field's name in JSON and CSV.</param>
/// <param name="Unit">Unit; empty for text and ratios.</param>
/// <param name="Formula">What it is, in a sentence.</param>
/// <param name="Format">How numbers are printed for people; CSV and JSON have all digits.</param>
/// <param name="Each">What the table has such a column for, as <c>network</c>; the name is then one of those. Empty for a column that is
/// always there.</param>
internal sealed record Column(string Name, string Unit, string Formula, string Format = "0.0", string Each = "")
{
    /// <summary>Name with unit, as headings have it.</summary>
    public string Heading => Unit.Length == 0 ? Name : $"{Name} [{Unit}]";
}

/// <summary>The table of an experiment.</summary>
/// <param name="Name">Short name, in files and JSON.</param>
/// <param name="Title">For people.</param>
/// <param name="Columns">Columns.</param>
/// <param name="Rows">Cells: texts, numbers (double) or null where there is none.</param>
/// <param name="Notes">Sentences beneath.</param>
internal sealed record ExperimentTable(
    string Name, string Title, ImmutableArray<Column> Columns, ImmutableArray<ImmutableArray<object?>> Rows, ImmutableArray<string> Notes)
{
    /// <summary>Lines for people.</summary>
    public IEnumerable<string> ToText()
    {
        yield return Title;
        List<string[]> rows = [[.. Columns.Select(column => column.Heading)]];
        rows.AddRange(Rows.Select(row => row.Select((cell, c) => Text(cell, Columns[c].Format)).ToArray()));
        // Texts stand to the left, numbers to the right.
        bool[] isText = [.. Columns.Select((_, c) => Rows.All(row => row[c] is string or null))];
        int[] widths = [.. Columns.Select((_, c) => rows.Max(row => row[c].Length))];
        foreach (string[] row in rows)
            yield return string.Join("  ", row.Select((cell, c) => isText[c] ? cell.PadRight(widths[c])
                : cell.PadLeft(widths[c]))).TrimEnd();
        foreach (string note in Notes)
            yield return "  " + note;
    }

    /// <summary>A CSV file, RFC 4180, lines ended by \n; numbers in the shortest form that reads back.</summary>
    public string ToCsv()
    {
        StringBuilder csv = new();
        csv.AppendJoin(',', Columns.Select(column => Tool.Text.CsvCell(column.Heading))).Append('\n');
        foreach (ImmutableArray<object?> row in Rows)
            csv.AppendJoin(',', row.Select(cell => cell is string text ? Tool.Text.CsvCell(text) : Text(cell, "R"))).Append('\n');
        return csv.ToString();
    }

    /// <summary>One object: name, title, columns, rows as objects, notes.</summary>
    public JsonObject ToJson() => new()
    {
        ["name"] = Name,
        ["title"] = Title,
        ["columns"] = new JsonArray([.. Columns.Select(column =>
            new JsonObject { ["name"] = column.Name, ["unit"] = column.Unit, ["formula"] = column.Formula })]),
        ["rows"] = new JsonArray([.. Rows.Select(ToJson)]),
        ["notes"] = new JsonArray([.. Notes.Select(note => JsonValue.Create(note))]),
    };

    /// <summary>The place of a column.</summary>
    public int IndexOf(string column) => Columns.Select(c => c.Name).ToList().IndexOf(column);

    /// <summary>A cell for people, or in all digits with the format R.</summary>
    public static string Text(object? cell, string format) => cell switch
    {
        null => "",
        string text => text,
        double number => number.ToString(format, CultureInfo.InvariantCulture),
        _ => throw new InvalidOperationException($"a cell is a text, a double or null, not {cell.GetType().Name}"),
    };

    private JsonObject ToJson(ImmutableArray<object?> row)
    {
        JsonObject json = [];
        for (int c = 0; c < row.Length; c++)
            json[Columns[c].Name] = row[c] switch { string text => text, double number => number, _ => null };
        return json;
    }
}
