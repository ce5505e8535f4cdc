using System.Globalization;
using Ebsp.Emulator;

namespace Ebsp.Benchmarks;

/// <summary>Run time of the fast engine when the MACs double: 3x3 convolutions of 64 channels at 28 x 28, one after another.</summary>
internal static class GrowthBenchmark
{
    private static readonly int[] Layers = [4, 8, 16, 32];

    public static int Run()
    {
        Machine[] machines = [.. Layers.Select(layers => new Machine(Programs.Chain(layers)))];
        Console.WriteLine(Rounds.Machine());
        double[] times = Rounds.Best(101, [.. machines.Select(machine => (Action)(() => machine.Run()))]);
        for (int i = 0; i < Layers.Length; i++)
        {
            double macs = Layers[i] * 64.0 * 64 * 9 * 28 * 28;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Layers[i],2} layers {times[i],7:F3} ms, {macs / times[i] * 1e-6:F1} " +
                    $"GMAC/s{(i == 0 ? "" : $", {times[i] / times[i - 1]:F2} times the half")}"));
        }

        return 0;
    }
}
