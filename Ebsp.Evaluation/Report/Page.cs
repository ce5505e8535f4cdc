using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using Ebsp.Evaluation.Experiments;

namespace Ebsp.Evaluation.Report;

/// <summary>
/// One HTML page that needs nothing else: styles, script, the drawing library of the package Plotly.NET and all data are in it, and its
/// security policy forbids it to fetch. The same input gives the same bytes.
/// </summary>
internal static class Page
{
    private const string Library = "Plotly.NET";

    // Letters from which on a cell is given room for a sentence.
    private const int LongText = 40;

    /// <summary>Writes the page.</summary>
    /// <param name="title">Heading.</param>
    /// <param name="lead">Sentences beneath it: what was run, under which conditions.</param>
    /// <param name="first">Table that comes before the charts.</param>
    /// <param name="figures">Charts.</param>
    /// <param name="tables">Further tables.</param>
    public static byte[] Write(string title, IEnumerable<string> lead, ExperimentTable first, IEnumerable<Figure> figures,
        IReadOnlyList<ExperimentTable> tables)
    {
        Figure[] all = [.. figures];
        StringBuilder html = new();
        html.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>").Append(Escape(title))
            .Append("</title>\n")
            .Append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" " +
                "content=\"light dark\">\n")
            .Append("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'unsafe-inline'; " +
                "style-src 'unsafe-inline'; img-src data: blob:\">\n<style>\n").Append(Asset("page.css"))
                    .Append("</style>\n</head>\n<body>\n<main>\n")
            .Append("<h1>").Append(Escape(title)).Append("</h1>\n");
        foreach (string sentence in lead)
            html.Append("<p class=\"lead\">").Append(Escape(sentence)).Append("</p>\n");
        html.Append("<p class=\"tools\"><button type=\"button\" id=\"save-json\">All tables as JSON</button></p>\n");
        Append(html, first);
        foreach (Figure figure in all)
            Append(html, figure);
        foreach (ExperimentTable table in tables)
            Append(html, table);
        html.Append("</main>\n<footer><p>").Append(Escape($"{Tool.ToolVersion.Name} {Tool.ToolVersion.Full}"))
            .Append(". Charts: plotly.js, MIT license, Copyright Plotly, Inc. Page and data need no network.</p></footer>\n");
        JsonArray data = new([.. all.Select(figure => new JsonObject
        {
            ["id"] = figure.Id,
            ["layout"] = figure.Layout.DeepClone(),
            ["views"] = new JsonArray([.. figure.Views.Select(view =>
                new JsonObject { ["label"] = view.Label, ["traces"] = view.Traces.DeepClone() })]),
        })]);
        // The writer of JSON escapes <, so no text of a user can end the element.
        html.Append("<script type=\"application/json\" id=\"figures\">").Append(data.ToJsonString()).Append("</script>\n")
            .Append("<script type=\"application/json\" id=\"tables\">")
            .Append(TablesJson.Of([first, .. tables]).ToJsonString()).Append("</script>\n<script>").Append(DrawingLibrary())
                .Append("</script>\n<script>\n")
            .Append(Asset("page.js")).Append("</script>\n</body>\n</html>\n");
        return Encoding.UTF8.GetBytes(html.ToString());
    }

    private static void Append(StringBuilder html, Figure figure)
    {
        html.Append("<section>\n<h2 id=\"h-").Append(figure.Id).Append("\">").Append(Escape(figure.Title)).Append("</h2>\n<p>")
            .Append(Escape(figure.Caption)).Append("</p>\n");
        if (figure.Views.Count > 1)
        {
            html.Append("<p><label>Show <select data-figure=\"").Append(figure.Id).Append("\">");
            foreach ((int i, FigureView view) in figure.Views.Index())
                html.Append(CultureInfo.InvariantCulture, $"<option value=\"{i}\">").Append(Escape(view.Label)).Append("</option>");
            html.Append("</select></label></p>\n");
        }

        html.Append("<div class=\"figure\" id=\"f-").Append(figure.Id).Append("\" role=\"img\" aria-labelledby=\"h-").Append(figure.Id)
            .Append("\"></div>\n</section>\n");
    }

    private static void Append(StringBuilder html, ExperimentTable table)
    {
        html.Append("<section>\n<h2>").Append(Escape(table.Title)).Append("</h2>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" " +
            "aria-label=\"")
            .Append(Escape(table.Title)).Append("\"><table id=\"t-").Append(table.Name).Append("\"><thead><tr>");
        bool[] isText = [.. table.Columns.Select((_, c) => table.Rows.All(row => row[c] is string or null))];
        foreach ((int c, Column column) in table.Columns.Index())
        {
            html.Append("<th scope=\"col\"").Append(isText[c] ? "" : " class=\"number\"").Append("><button type=\"button\" title=\"")
                .Append(Escape(column.Formula)).Append("\">").Append(Escape(column.Heading)).Append("</button></th>");
        }

        html.Append("</tr></thead><tbody>\n");
        foreach (ImmutableArray<object?> row in table.Rows)
        {
            html.Append("<tr>");
            foreach ((int c, object? cell) in row.Index())
            {
                html.Append(!isText[c] ? "<td class=\"number\"" : cell is string { Length: > LongText } ? "<td class=\"long\"" : "<td");
                if (cell is double)
                    html.Append(" data-value=\"").Append(ExperimentTable.Text(cell, "R")).Append('"');
                html.Append('>').Append(Escape(ExperimentTable.Text(cell, table.Columns[c].Format))).Append("</td>");
            }

            html.Append("</tr>\n");
        }

        html.Append("</tbody></table></div>\n");
        foreach (string note in table.Notes)
            html.Append("<p class=\"note\">").Append(Escape(note)).Append("</p>\n");
        html.Append("<p class=\"tools\"><button type=\"button\" data-csv=\"").Append(table.Name).Append("\">CSV</button></p>\n")
            .Append("<details><summary>Columns</summary><dl>");
        foreach (Column column in table.Columns)
            html.Append("<dt>").Append(Escape(column.Heading)).Append("</dt><dd>").Append(Escape(column.Formula)).Append("</dd>");
        html.Append("</dl></details>\n</section>\n");
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(Tool.Text.Clean(text));

    private static string Asset(string name) => Read(Assembly.GetExecutingAssembly(), name);

    // plotly.js as the package has it: one resource whose name holds the version.
    private static string DrawingLibrary()
    {
        Assembly package = Assembly.Load(Library);
        string name = package.GetManifestResourceNames().Single(resource => resource.EndsWith(".min.js", StringComparison.Ordinal));
        return Read(package, name).Replace("</script", "<\\/script", StringComparison.OrdinalIgnoreCase);
    }

    private static string Read(Assembly assembly, string resource)
    {
        using Stream stream = assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException($"{resource} is not in {assembly.GetName().Name}");
        using StreamReader reader = new(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
