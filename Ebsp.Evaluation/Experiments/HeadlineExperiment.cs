using System.Collections.Immutable;
using System.Globalization;

namespace Ebsp.Evaluation.Experiments;

/// <summary>Every figure of the paper beside ours, in one table.</summary>
internal static class HeadlineExperiment
{
    /// <summary>Made from the tables of the experiments.</summary>
    /// <param name="area">Elements at equal area.</param>
    /// <param name="time">Time that EBSP saves.</param>
    /// <param name="energy">Energy that EBSP saves.</param>
    public static ExperimentTable Of(ExperimentTable area, ExperimentTable time, ExperimentTable energy) => new("headline",
        "The paper's figures beside ours",
        [
            new("quantity", "", "what the figure is of"), new("machine", "", "what EBSP is compared with; of elements, whose they are"),
            new("unit", "", "unit of paper and ours"), new("paper", "", "EBSP, DAC 2022: abstract (averages), iso-area table (elements)",
                "0.#"),
            new("ours", "", "mean over the networks; 0.32 mm2 / area of the product alone", "0.#"),
            new("difference", "", "ours - paper in points; of elements ours / paper - 1 in %", "+0.0;-0.0"),
            new("why", "", "reading of the difference"),
        ],
        [.. Rows(time, "time saved", "%"), .. Rows(energy, "energy saved", "%"), .. Rows(area, "elements in 0.32 mm2", "PEs")],
        [string.Create(CultureInfo.InvariantCulture, $"Time and energy: means over {time.Columns.Count(column => column.Each.Length > 0)} ")
            + "networks. No constant is tuned to the paper."]);

    private static IEnumerable<ImmutableArray<object?>> Rows(ExperimentTable table, string quantity, string unit)
    {
        int paper = table.IndexOf("paper"), ours = table.IndexOf("ours"), difference = table.IndexOf("difference"),
            why = table.IndexOf("why");
        foreach (ImmutableArray<object?> row in table.Rows.Where(row => row[paper] is not null))
            yield return [quantity, row[0], unit, row[paper], row[ours], row[difference], row[why]];
    }
}
