using System.Text.Json.Nodes;

namespace Ebsp.Evaluation.Report;

/// <summary>Traces and axes in the format of plotly.js.</summary>
internal static class Plot
{
    // Okabe and Ito's palette without black and yellow, which vanish on dark and on light ground: told apart by color-blind readers. With
    // hatching (bars) and symbols (points) it is read in print as well.
    private static readonly string[] Colors = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#8c8c8c", "#7a5195"];

    private static readonly string[] Hatches = ["", "/", "x", ".", "\\", "+", "-", "|"];

    private static readonly double[] Ratios = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500];

    private static readonly string[] Symbols =
        ["circle", "square", "diamond", "triangle-up", "cross", "x", "star", "hexagon"];

    /// <summary>Bars.</summary>
    /// <param name="name">Name in the legend.</param>
    /// <param name="index">Place of its color.</param>
    /// <param name="keys">What the bars are of.</param>
    /// <param name="values">Their lengths; null where there is none.</param>
    /// <param name="isHorizontal">To the right instead of upwards.</param>
    public static JsonObject Bars(string name, int index, IEnumerable<string> keys, IEnumerable<double?> values, bool isHorizontal = false)
    {
        JsonArray texts = Texts(keys), numbers = Numbers(values);
        return new JsonObject
        {
            ["type"] = "bar",
            ["name"] = name,
            ["orientation"] = isHorizontal ? "h" : "v",
            ["x"] = isHorizontal ? numbers : texts,
            ["y"] = isHorizontal ? texts : numbers,
            ["marker"] = new JsonObject
            {
                ["color"] = Color(index),
                ["pattern"] = new JsonObject { ["shape"] = Hatches[index % Hatches.Length], ["fillmode"] = "overlay",
                    ["solidity"] = 0.25 },
            },
        };
    }

    /// <summary>Bars of ratios: they begin at 1, to be read on a logarithmic axis.</summary>
    /// <param name="name">Name in the legend.</param>
    /// <param name="index">Place of its color.</param>
    /// <param name="keys">What the bars are of.</param>
    /// <param name="ratios">Ratios; null where there is none.</param>
    public static JsonObject RatioBars(string name, int index, IEnumerable<string> keys, IEnumerable<double?> ratios)
    {
        JsonObject bars = Bars(name, index, keys, ratios.Select(ratio => ratio - 1));
        bars["base"] = 1;
        return bars;
    }

    /// <summary>Points, each with a text that is shown beside it or when it is pointed at.</summary>
    /// <param name="name">Name in the legend.</param>
    /// <param name="index">Place of its color and symbol.</param>
    /// <param name="points">x, y and text of each.</param>
    /// <param name="isLabeled">Whether the texts stand beside the points.</param>
    public static JsonObject Points(string name, int index, IReadOnlyList<(double X, double Y, string Text)> points,
        bool isLabeled = false) =>
        new()
        {
            ["type"] = "scatter",
            ["mode"] = isLabeled ? "markers+text" : "markers",
            ["name"] = name,
            ["x"] = Numbers(points.Select(point => (double?)point.X)),
            ["y"] = Numbers(points.Select(point => (double?)point.Y)),
            ["text"] = Texts(points.Select(point => point.Text)),
            // Neighbors above and below in turn, so that their texts do not meet.
            ["textposition"] = Texts(points.Select((_, i) => i % 2 == 0 ? "top center" : "bottom center")),
            ["cliponaxis"] = false,
            ["marker"] = new JsonObject { ["color"] = Color(index), ["symbol"] = Symbols[index % Symbols.Length], ["size"] = 9 },
        };

    /// <summary>A line.</summary>
    /// <param name="name">Name in the legend.</param>
    /// <param name="index">Place of its color; less than 0: the color of the text.</param>
    /// <param name="points">Its corners.</param>
    public static JsonObject Line(string name, int index, IEnumerable<(double X, double Y)> points)
    {
        (double X, double Y)[] corners = [.. points];
        JsonObject line = new() { ["dash"] = "dash", ["width"] = 2 };
        if (index >= 0)
            line["color"] = Color(index);
        return new JsonObject
        {
            ["type"] = "scatter",
            ["mode"] = "lines",
            ["name"] = name,
            ["x"] = Numbers(corners.Select(corner => (double?)corner.X)),
            ["y"] = Numbers(corners.Select(corner => (double?)corner.Y)),
            ["line"] = line,
            ["hoverinfo"] = "skip",
        };
    }

    /// <summary>A map of numbers in a scale that is even to color-blind readers (cividis), with the number in each field.</summary>
    /// <param name="columns">Names along x.</param>
    /// <param name="rows">Names along y.</param>
    /// <param name="values">Rows of numbers.</param>
    /// <param name="most">End of the scale, which begins at 0.</param>
    public static JsonObject Map(
        IEnumerable<string> columns, IEnumerable<string> rows, IEnumerable<IEnumerable<double>> values, double most) => new()
    {
        ["type"] = "heatmap",
        ["x"] = Texts(columns),
        ["y"] = Texts(rows),
        ["z"] = new JsonArray([.. values.Select(row => Numbers(row.Select(value => (double?)value)))]),
        ["zmin"] = 0,
        ["zmax"] = most,
        ["colorscale"] = "Cividis",
        ["texttemplate"] = "%{z:.0f}",
        ["xgap"] = 1,
        ["ygap"] = 1,
        ["colorbar"] = new JsonObject { ["thickness"] = 12 },
    };

    /// <summary>A layout with two axes.</summary>
    /// <param name="x">Title of the x axis with unit; empty for names.</param>
    /// <param name="y">Title of the y axis with unit; empty for names.</param>
    /// <param name="isLogX">Whether x is logarithmic.</param>
    /// <param name="isLogY">Whether y is logarithmic.</param>
    public static JsonObject Layout(string x, string y, bool isLogX = false, bool isLogY = false) =>
        new() { ["xaxis"] = Axis(x, isLogX), ["yaxis"] = Axis(y, isLogY) };

    /// <summary>A layout with ratios along y, logarithmic.</summary>
    public static JsonObject OfRatios(string y)
    {
        JsonObject layout = Layout("", y, isLogY: true);
        layout["yaxis"]!["tickvals"] = new JsonArray([.. Ratios.Select(ratio => JsonValue.Create(ratio))]);
        return layout;
    }

    /// <summary>A layout whose bars stand on each other.</summary>
    public static JsonObject Stacked(string x, string y)
    {
        JsonObject layout = Layout(x, y);
        layout["barmode"] = "stack";
        return layout;
    }

    /// <summary>Names from top to bottom, first on top.</summary>
    public static JsonObject TopDown(JsonObject layout)
    {
        layout["yaxis"]!["autorange"] = "reversed";
        return layout;
    }

    /// <summary>All digits that matter on a page.</summary>
    public static JsonArray Numbers(IEnumerable<double?> values) => new([.. values.Select(value =>
        value is { } number && double.IsFinite(number) ? JsonValue.Create(Round(number)) : null)]);

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private static string Color(int index) => Colors[index % Colors.Length];

    // Six digits: a fifth of the page's size is saved.
    private static double Round(double value) => value == 0 ? 0
        : double.Parse(value.ToString("G6", System.Globalization.CultureInfo.InvariantCulture),
            System.Globalization.CultureInfo.InvariantCulture);

    private static JsonObject Axis(string title, bool isLog)
    {
        JsonObject axis = new() { ["automargin"] = true };
        if (title.Length > 0)
            axis["title"] = new JsonObject { ["text"] = title };
        if (isLog)
        {
            axis["type"] = "log";
            axis["dtick"] = 1;
        }

        return axis;
    }
}
