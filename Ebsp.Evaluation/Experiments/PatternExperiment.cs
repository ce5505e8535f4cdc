using System.Collections.Immutable;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Experiments;

/// <summary>Bits B and pattern length k at equal area: elements from the measured areas, cycles, energy, and the signal-to-noise ratio of a
/// Gaussian projected on the pattern, which stands for accuracy where none was measured.</summary>
internal static class PatternExperiment
{
    /// <summary>Runs all formats.</summary>
    public static ImmutableArray<PatternPoint> Points(IReadOnlyList<Network> networks, Conditions conditions, CostSet costs) =>
        [.. PatternPoint.Formats.Select(format => PatternPoint.Run(format.Bits, format.K, networks, conditions, costs))];

    /// <summary>Points that no other one beats in one of quality and energy without losing the other.</summary>
    public static IEnumerable<PatternPoint> Front(IReadOnlyList<PatternPoint> points) => points.Where(p => !points.Any(o =>
        o.SignalToNoise >= p.SignalToNoise && o.Energy.Total <= p.Energy.Total
            && (o.SignalToNoise > p.SignalToNoise || o.Energy.Total < p.Energy.Total)));

    /// <summary>The table of some points.</summary>
    public static ExperimentTable Table(ImmutableArray<PatternPoint> points, AccuracyTable accuracy)
    {
        HashSet<PatternPoint> front = [.. Front(points)];
        return new ExperimentTable("pattern", "Bits and pattern length at 0.32 mm2",
            [
                new("format", "", "B-bit(k)"), new("elements", "PEs", "0.32 mm2 / area of an element", "0"),
                new("cycles", "M", "sum over the networks, 10^6", "0.000"), new("time", "ms", "cycles / clock", "0.000"),
                new("energy", "mJ", "sum over the networks", "0.000"),
                new("SQNR", "dB", "signal to noise of a Gaussian rounded to the pattern, scale of the least squared error", "0.0"),
                new("accuracy", "%", "mean of the measured accuracies of this format (--accuracy)", "0.00"),
                new("front", "", "yes where no other format is better in SQNR and no worse in energy, or the other way round"),
            ],
            [.. points.Select(p => (ImmutableArray<object?>)
                [
                    p.Format, (double)p.Elements, p.Cycles / 1e6, p.Seconds * 1e3, p.Energy.Total / 1e9, p.SignalToNoise,
                    accuracy.Mean(p.Format), front.Contains(p) ? "yes" : "",
                ])],
            ["SQNR is no accuracy: it orders formats by what they can say."]);
    }
}
