using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Evaluation.Experiments;

namespace Ebsp.Evaluation.Sweeps;

/// <summary>The merged table of a sweep.</summary>
internal static class SweepTable
{
    /// <summary>A row a point with a result, in the plan's order.</summary>
    public static ExperimentTable Of(IEnumerable<(SweepPoint Point, SweepResult Result)> rows, AccuracyTable accuracy) => new("sweep",
        "Sweep",
        [
            new("id", "", "beginning of the SHA-256 of the point"), new("network", "", "name on the command line"),
            new("format", "", "B-bit(k)"), new("bits", "bit", "operand bits B", "0"), new("k", "bit", "pattern length", "0"),
            new("batch", "images", "images of a run", "0"), new("buffer", "bytes", "on-chip buffer", "0"),
            new("elements", "PEs", "0.32 mm2 / area of an element", "0"), new("rows", "PEs", "rows of the array", "0"),
            new("columns", "PEs", "columns of the array", "0"), new("cycles", "cycles", "of a run", "0"),
            new("time", "ms", "cycles / clock", "0.000"), new("utilization", "%", "MACs / (cycles * elements of the array)", "0.0"),
            new("DRAM traffic", "MB", "bytes read and written, 10^6", "0.00"), new("DRAM", "mJ", "bytes * 8 * pJ a bit", "0.0000"),
            new("buffer energy", "mJ", "accesses * pJ of CACTI's nearest larger memory", "0.0000"),
            new("core", "mJ", "actions of the elements and their storage * pJ", "0.0000"), new("static", "mJ", "leakage * time", "0.0000"),
            new("energy", "mJ", "sum of the four", "0.0000"),
            new("SQNR", "dB", "signal to noise of a Gaussian rounded to the pattern, scale of the least squared error", "0.0"),
            new("accuracy", "%", "measured accuracy of this network and format (--accuracy)", "0.00"),
        ],
        [.. rows.Select(row => Row(row.Point, row.Result, accuracy))], []);

    private static ImmutableArray<object?> Row(SweepPoint point, SweepResult result, AccuracyTable accuracy)
    {
        string format = string.Create(CultureInfo.InvariantCulture, $"{point.Bits}-bit({point.K})");
        return
        [
            point.Id, point.Network, format, (double)point.Bits, (double)point.K, (double)point.Batch, (double)point.BufferBytes,
            (double)result.Elements, (double)result.Rows, (double)result.Columns, result.Cycles, result.Seconds * 1e3,
            100 * result.Utilization, result.DramBytes / 1e6, result.Energy.Dram / 1e9, result.Energy.Buffer / 1e9,
                result.Energy.Core / 1e9,
            result.Energy.Static / 1e9, result.Energy.Total / 1e9, result.SignalToNoise, accuracy.Of(point.Network, format),
        ];
    }
}
