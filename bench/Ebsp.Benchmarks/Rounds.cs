using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Ebsp.Benchmarks;

/// <summary>Interleaved rounds of several contenders, so that what else the machine does meets all of them.</summary>
internal static class Rounds
{
    /// <summary>Median wall milliseconds of each contender.</summary>
    /// <param name="rounds">Rounds counted; two more come first, uncounted, for the compiler's tiers and the page faults.</param>
    /// <param name="contenders">What to run, in the order of each round.</param>
    public static double[] Medians(int rounds, params Action[] contenders) =>
        [.. Times(rounds, contenders).Select(t => t.Order().ElementAt(rounds / 2))];

    /// <summary>Least wall milliseconds of each contender: what it takes when nothing else runs, however busy the machine is.</summary>
    /// <param name="rounds">Rounds counted; two more come first, uncounted.</param>
    /// <param name="contenders">What to run, in the order of each round.</param>
    public static double[] Best(int rounds, params Action[] contenders) => [.. Times(rounds, contenders).Select(t => t.Min())];

    private static double[][] Times(int rounds, Action[] contenders)
    {
        double[][] times = [.. contenders.Select(_ => new double[rounds])];
        for (int round = -2; round < rounds; round++)
        {
            for (int i = 0; i < contenders.Length; i++)
            {
                double took = Milliseconds(contenders[i]);
                if (round >= 0)
                    times[i][round] = took;
            }
        }

        return times;
    }

    /// <summary>Wall milliseconds of one call.</summary>
    public static double Milliseconds(Action contender)
    {
        long start = Stopwatch.GetTimestamp();
        contender();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>Where the figures come from: CPU, runtime, system.</summary>
    public static string Machine()
    {
        const string CpuInfo = "/proc/cpuinfo";
        string? cpu = File.Exists(CpuInfo)
            ? File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim()
            : null;
        return string.Create(CultureInfo.InvariantCulture,
            $"{cpu ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} processors, " +
                $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}");
    }
}
