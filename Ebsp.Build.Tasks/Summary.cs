using System.Globalization;
using Ebsp.Json;

namespace Ebsp.Build.Tasks;

/// <summary>The line that a build prints of a model that it has compiled.</summary>
internal static class Summary
{
    private static readonly (double Factor, string Unit)[] Times = [(1, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")];
    private static readonly (double Factor, string Unit)[] Sizes = [(1e9, "GB"), (1e6, "MB"), (1e3, "KB"), (1, "bytes")];
    private static readonly (double Factor, string Unit)[] Clocks = [(1e9, "GHz"), (1e6, "MHz"), (1, "Hz")];

    /// <summary><c>digits.onnx -> DigitsModel: 2,486 cycles a run (4.97 us at 500 MHz), 5.12 % of 66 x 73 PEs, 38.1 KB, 98.4 % of
    /// answers as in floats</c>.</summary>
    public static string Of(ModelItem item, JsonValue facts)
    {
        JsonValue? machine = facts.Find("machine");
        double cycles = Number(facts, "cycles"), hertz = Number(machine, "clockHz");
        string time = hertz > 0 ? $" ({Scaled(cycles / hertz, Times)} at {Scaled(hertz, Clocks)})" : "";
        return $"{item.Spec} -> {item.ClassName}: {cycles.ToString("N0", CultureInfo.InvariantCulture)} cycles a run{time}, "
            + $"{Significant(100 * Number(facts, "utilization"))} % of {Significant(Number(machine, "rows"))} x " +
                $"{Significant(Number(machine, "columns"))} PEs, {Scaled(Number(facts, "bytes"), Sizes)}"
            + (facts.Find("agreement")?.AsDouble() is { } agreement ? $", {Significant(100 * agreement)} % of answers as in floats" : "");
    }

    private static double Number(JsonValue? json, string name) => json?.Find(name)?.AsDouble() ?? 0;

    private static string Scaled(double value, (double Factor, string Unit)[] units)
    {
        foreach ((double factor, string unit) in units)
        {
            if (value >= factor)
                return $"{Significant(value / factor)} {unit}";
        }

        return $"{Significant(value / units[units.Length - 1].Factor)} {units[units.Length - 1].Unit}";
    }

    // Three digits, so that nothing that is not zero looks like it; none behind the point of a whole number.
    private static string Significant(double value)
    {
        int decimals = value == Math.Floor(value) ? 0 : Math.Min(15, Math.Max(0, 2 - (int)Math.Floor(Math.Log10(value))));
        return value.ToString(FormattableString.Invariant($"N{decimals}"), CultureInfo.InvariantCulture);
    }
}
