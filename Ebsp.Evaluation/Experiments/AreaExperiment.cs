using System.Collections.Immutable;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;

namespace Ebsp.Evaluation.Experiments;

/// <summary>The iso-area table: elements in 0.32 mm2, as the talk has them and as our areas give.</summary>
internal static class AreaExperiment
{
    /// <summary>Runs it.</summary>
    public static ExperimentTable Run() => new("area", "Processing elements in 0.32 mm2",
        [
            new("machine", "", "name on the command line"), new("format", "", "operands"),
            new("paper", "PEs", "EBSP, DAC 2022, iso-area table", "0"),
            new("ours", "PEs", "0.32 mm2 / area of the product alone", "0"),
            new("difference", "%", "ours / paper - 1", "+0.0;-0.0"),
            new("physical", "PEs", "0.32 mm2 / area with accumulator and storage", "0"),
            new("product area", "um2", "one element, product alone", "0.0"),
            new("physical area", "um2", "one element with accumulator and storage", "0.0"),
            new("peak", "MAC/cycle", "at the paper's number of elements; ours where the paper has none", "0"),
            new("why", "", "reading of the difference"),
        ],
        [.. MachineCatalog.Counts.Select(Row)],
        ["Areas: yosys and a 45 nm library, cell area; the paper's counts are those of bare products (16x16 1463 um2, " +
            "0.32 mm2 / 224 = 1429)."]);

    private static ImmutableArray<object?> Row(ElementCount count)
    {
        IMachine machine = MachineCatalog.Find(count.Name, CostColumn.Paper, 5_242_880);
        CostRow area = CostTables.Area(count.AreaRow);
        double ours = MachineCatalog.ElementsOf(count.AreaRow, CostColumn.Paper),
            physical = MachineCatalog.ElementsOf(count.AreaRow, CostColumn.Physical);
        double? paper = count.Published == 0 ? null : count.Published;
        return
        [
            count.Name, machine.Spec.Format, paper, ours, paper is { } p ? 100 * (ours / p - 1) : null, physical, area.Paper,
            area.Physical, machine.Spec.PeakMacs,
            Why(count.Name),
        ];
    }

    private static string Why(string name) => name switch
    {
        "eyeriss" => "a bare 16x16 product; with its scratchpads 39 elements",
        "bitfusion" => "ours: a quarter of a fusion unit (4x4); the paper's 101 um2 is nearer to a 2-bit brick with its share of " +
            "the accumulator (95-118)",
        "wax-printed" => "0.32 mm2 / 102 = 3137 um2 is no 8-bit multiplier (331)",
        "wax-tiles" => "24 lanes a tile, SRAM not counted",
        "olaccel" or "olaccel-groups" => "ours: (16 normal + 1 outlier MAC) / 17 = 81 um2; the paper's 128 um2 holds more than products",
        "ebsp" => "6-bit(3), both operands steered at the edge",
        _ => "control: not in the paper",
    };
}
