using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Experiments;

/// <summary>Bits B and pattern length k at equal area: elements from the measured areas, cycles, energy, and the signal-to-noise ratio of a
/// Gaussian projected on the pattern, which stands for accuracy where none was measured.</summary>
internal static class PatternExperiment
{
    private static readonly int[] Bits = [4, 5, 6, 8];

    // Signal to quantization noise of a Gaussian, clipped best, dB; the others were not computed.
    private static readonly ImmutableDictionary<(int Bits, int K), double> SignalToNoise =
        ImmutableDictionary.CreateRange(new KeyValuePair<(int, int), double>[]
    {
        new((4, 3), 19.0), new((5, 3), 23.1), new((6, 1), 14.2), new((6, 2), 19.6), new((6, 3), 25.0), new((6, 4), 28.9),
        new((8, 3), 25.7), new((8, 4), 31.5),
    });

    /// <summary>Runs it.</summary>
    public static ExperimentTable Run(IReadOnlyList<Network> networks, Conditions conditions, CostSet costs)
    {
        List<(int Bits, int K, double Time, double Energy, double Elements, double? Quality)> points = [];
        foreach (int bits in Bits)
        {
            for (int k = 1; k <= 4 && k < bits; k++)
            {
                string area = string.Create(CultureInfo.InvariantCulture, $"ebsp.{bits}.{k}");
                int elements = MachineCatalog.ElementsOf(area, costs.Column);
                WeightStationary machine = EbspMachine.Analytic(MachineCatalog.EbspArray(elements, (int)conditions.BufferBytes, k), bits);
                NetworkResult[] results = [.. networks.Select(network => NetworkResult.Run(machine, network, conditions))];
                points.Add((bits, k, results.Sum(result => result.Seconds) * 1e3, results.Sum(result => result.Energy(costs).Total) / 1e9,
                    elements,
                    SignalToNoise.TryGetValue((bits, k), out double quality) ? quality : null));
            }
        }

        return new ExperimentTable("pattern", "Bits and pattern length at 0.32 mm2",
            [
                new("format", "", "B-bit(k)"), new("elements", "PEs", "0.32 mm2 / area of an element", "0"),
                new("time", "ms", "sum over the networks", "0.000"), new("energy", "mJ", "sum over the networks", "0.000"),
                new("SQNR", "dB", "signal to noise of a Gaussian on the pattern, best clip", "0.0"),
                new("front", "", "no other point with a known SQNR is better in SQNR and in energy"),
            ],
            [.. points.Select(p => (ImmutableArray<object?>)
                [
                    string.Create(CultureInfo.InvariantCulture, $"{p.Bits}-bit({p.K})"), p.Elements, p.Time, p.Energy, p.Quality,
                    p.Quality is { } q && !points.Any(o => o.Quality >= q && o.Energy <= p.Energy
                        && (o.Quality > q || o.Energy < p.Energy)) ? "yes" : "",
                ])],
            ["SQNR is no accuracy: it orders formats by what they can say."]);
    }
}
