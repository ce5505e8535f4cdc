using System.Text.Json.Nodes;

namespace Ebsp.Evaluation.Report;

/// <summary>A chart of the page.</summary>
/// <param name="Id">Its id in the page.</param>
/// <param name="Title">Heading.</param>
/// <param name="Caption">What it shows and how to read it.</param>
/// <param name="Layout">Layout in the format of plotly.js; fonts, colors of grids and margins are the page's.</param>
/// <param name="Views">What it can show; the reader chooses where there are several.</param>
internal sealed record Figure(string Id, string Title, string Caption, JsonObject Layout, IReadOnlyList<FigureView> Views);

/// <summary>One view of a chart.</summary>
/// <param name="Label">Its name in the list.</param>
/// <param name="Traces">Traces in the format of plotly.js.</param>
internal sealed record FigureView(string Label, JsonArray Traces);
