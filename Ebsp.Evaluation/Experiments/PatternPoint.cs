using System.Globalization;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Workloads;
using Ebsp.Isa.Numerics;

namespace Ebsp.Evaluation.Experiments;

/// <summary>EBSP with operands of B bits and patterns of length k, as many elements as 0.32 mm2 hold, on some networks.</summary>
/// <param name="Bits">B.</param>
/// <param name="K">k.</param>
/// <param name="Elements">Elements that the area holds.</param>
/// <param name="Used">Elements of the array: rows x columns.</param>
/// <param name="Cycles">Sum over the networks.</param>
/// <param name="Seconds">Sum over the networks.</param>
/// <param name="Energy">Sum over the networks, pJ.</param>
/// <param name="SignalToNoise">Of a Gaussian on the pattern, dB.</param>
internal sealed record PatternPoint(
    int Bits, int K, int Elements, int Used, double Cycles, double Seconds, EnergyBreakdown Energy, double SignalToNoise)
{
    private static readonly int[] Widths = [4, 5, 6, 8];

    /// <summary>All B and k with a measured area.</summary>
    public static IEnumerable<(int Bits, int K)> Formats { get; } =
        [.. Widths.SelectMany(bits => Enumerable.Range(1, Math.Min(PatternFormat.MaxPatternLength, bits - 1)).Select(k => (bits, k)))];

    /// <summary>B-bit(k).</summary>
    public string Format => string.Create(CultureInfo.InvariantCulture, $"{Bits}-bit({K})");

    /// <summary>Row of the area table of an element.</summary>
    public static string AreaRow(int bits, int k) => string.Create(CultureInfo.InvariantCulture, $"ebsp.{bits}.{k}");

    /// <summary>Runs a point.</summary>
    /// <param name="bits">B.</param>
    /// <param name="k">k.</param>
    /// <param name="networks">Networks.</param>
    /// <param name="conditions">What all machines share.</param>
    /// <param name="costs">Constants.</param>
    public static PatternPoint Run(int bits, int k, IEnumerable<Network> networks, Conditions conditions, CostSet costs)
    {
        int elements = MachineCatalog.ElementsOf(AreaRow(bits, k), costs.Column);
        WeightStationary machine = EbspMachine.Analytic(MachineCatalog.EbspArray(elements, (int)conditions.BufferBytes, k), bits);
        NetworkResult[] results = [.. networks.Select(network => NetworkResult.Run(machine, network, conditions))];
        return new PatternPoint(bits, k, elements, machine.Arch.ProcessingElements, results.Sum(result => result.Cycles),
            results.Sum(result => result.Seconds), results.Aggregate(default(EnergyBreakdown), (sum, result) => sum + result.Energy(costs)),
            GaussianFit.Of(PatternFormat.Window(bits, k, signed: true)).SignalToNoise);
    }
}
