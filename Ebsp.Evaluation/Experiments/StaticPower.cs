using System.Globalization;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;

namespace Ebsp.Evaluation.Experiments;

/// <summary>What it would take to reach the paper's energy: power that every machine draws all the time, whatever it does.</summary>
internal static class StaticPower
{
    /// <summary>
    /// Power P in mW, the same for both machines, at which EBSP saves a part r: from E + P t = (1 - r) (E' + P t'), P = ((1 - r) E' - E) /
    /// (t - (1 - r) t').
    /// Null where no power does it.
    /// </summary>
    /// <param name="ours">Energy of EBSP, pJ.</param>
    /// <param name="oursNs">Time of EBSP, ns.</param>
    /// <param name="other">Energy of the other machine, pJ.</param>
    /// <param name="otherNs">Time of the other machine, ns.</param>
    /// <param name="saved">r, 0..1.</param>
    public static double? Needed(double ours, double oursNs, double other, double otherNs, double saved)
    {
        double energy = (1 - saved) * other - ours, time = oursNs - (1 - saved) * otherNs;
        return time != 0 && energy / time >= 0 ? energy / time : null;
    }

    /// <summary>The sentence of a machine, over all networks together.</summary>
    public static string Sentence(Comparison comparison, CostSet costs, string machine)
    {
        int m = comparison.Machines.Select(spec => spec.Spec.Name).ToList().IndexOf(machine);
        double paper = Paper.Of(machine)!.EnergySaved / 100;
        (double ours, double oursNs) = Sum(comparison.Ours, costs);
        (double other, double otherNs) = Sum(comparison.Results[m], costs);
        double have = 1 - ours / other;
        return Needed(ours, oursNs, other, otherNs, paper) is { } power
            ? string.Create(CultureInfo.InvariantCulture,
                $"{100 * paper:0.0} % over all networks together takes {power:0} mW more of constant power (here {100 * have:0.0} %)")
            : string.Create(CultureInfo.InvariantCulture,
                $"no constant power gives {100 * paper:0.0} % over all networks together (here {100 * have:0.0} %)");
    }

    private static (double Pj, double Ns) Sum(IEnumerable<NetworkResult> results, CostSet costs) =>
        (results.Sum(result => result.Energy(costs).Total), results.Sum(result => result.Seconds) * 1e9);
}
