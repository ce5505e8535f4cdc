using System.Globalization;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;

namespace Ebsp.Evaluation.Experiments;

/// <summary>What it would take to reach the paper's energy. Leakage is the constant that moves the saving farthest: without any, the saving
/// is that of the actions; with ever more of it, it becomes that of leakage alone, which follows the time saved. A figure outside these two
/// cannot be had from leakage.</summary>
internal static class StaticPower
{
    private const double MostTimes = 1000;

    /// <summary>Mean of the energy saved when leakage is a multiple of that of the tables.</summary>
    /// <param name="pairs">Energy of EBSP and of the other machine, network by network.</param>
    /// <param name="times">The multiple, 0 or more; infinite: leakage alone.</param>
    public static double Saving(IEnumerable<(EnergyBreakdown Ours, EnergyBreakdown Other)> pairs, double times) => pairs.Average(pair =>
        double.IsInfinity(times) ? 1 - pair.Ours.Static / pair.Other.Static
            : 1 - (pair.Ours.Total + (times - 1) * pair.Ours.Static) / (pair.Other.Total + (times - 1) * pair.Other.Static));

    /// <summary>The multiple of leakage that gives a saving; null where none does.</summary>
    /// <param name="pairs">Energy of EBSP and of the other machine, network by network.</param>
    /// <param name="saving">The saving, 0..1.</param>
    public static double? Times(IReadOnlyList<(EnergyBreakdown Ours, EnergyBreakdown Other)> pairs, double saving)
    {
        (double low, double high) = (0, MostTimes);
        bool rises = Saving(pairs, low) < saving;
        if (rises == Saving(pairs, high) < saving)
            return null;
        while (high - low > 1e-6 * high)
        {
            double middle = (low + high) / 2;
            if (rises == Saving(pairs, middle) < saving)
                low = middle;
            else
                high = middle;
        }

        return high;
    }

    /// <summary>The sentence of a machine.</summary>
    public static string Sentence(Comparison comparison, CostSet costs, string machine)
    {
        int m = comparison.Machines.Select(spec => spec.Spec.Name).ToList().IndexOf(machine);
        (EnergyBreakdown, EnergyBreakdown)[] pairs =
            [.. comparison.Ours.Zip(comparison.Results[m], (ours, other) => (ours.Energy(costs), other.Energy(costs)))];
        double paper = Paper.Of(machine)!.EnergySaved / 100;
        string range = string.Create(CultureInfo.InvariantCulture,
            $"without leakage {100 * Saving(pairs, 0):0.0} %, leakage alone {100 * Saving(pairs, double.PositiveInfinity):0.0} %");
        return Times(pairs, paper) is { } times
            ? string.Create(CultureInfo.InvariantCulture, $"{range}; {100 * paper:0.0} % takes {times:0.##} times the leakage")
            : string.Create(CultureInfo.InvariantCulture, $"{range}; no amount of leakage gives {100 * paper:0.0} %, only other cycles");
    }
}
