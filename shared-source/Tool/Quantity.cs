using System.Globalization;

namespace Ebsp.Tool;

/// <summary>Numbers with their units: invariant, four significant digits, and nothing that is not zero looks like it.</summary>
internal static class Quantity
{
    private static readonly (double Factor, string Unit)[] Times = [(1, "s"), (1e-3, "ms"), (1e-6, "us"), (1e-9, "ns")];
    private static readonly (double Factor, string Unit)[] Sizes = [(1L << 30, "GiB"), (1L << 20, "MiB"), (1L << 10, "KiB")];

    /// <summary>1,234,567.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count with its noun: 1 image, 2 images.</summary>
    public static string Count(long value, string noun) => $"{Count(value)} {noun}{(value == 1 ? "" : "s")}";

    /// <summary>12.34 ms.</summary>
    public static string Seconds(double seconds)
    {
        (double factor, string unit) = Times.FirstOrDefault(t => seconds >= t.Factor, Times[^1]);
        return $"{Significant(seconds / factor)} {unit}";
    }

    /// <summary>1,234 bytes (1.205 KiB).</summary>
    public static string Bytes(long bytes)
    {
        (double factor, string? unit) = Sizes.FirstOrDefault(s => bytes >= s.Factor);
        return unit is null ? Count(bytes, "byte") : $"{Count(bytes)} bytes ({Significant(bytes / factor)} {unit})";
    }

    /// <summary>500 MHz.</summary>
    public static string Hertz(long hertz) => hertz >= 1_000_000_000
        ? $"{Significant(hertz / 1e9)} GHz"
        : $"{Significant(hertz / 1e6)} MHz";

    /// <summary>12.34 %.</summary>
    public static string Percent(double ratio) => $"{Significant(ratio * 100)} %";

    /// <summary>Four significant digits without an exponent, and no digits behind the point that are zero for whole numbers.</summary>
    public static string Significant(double value)
    {
        if (value == Math.Floor(value) && Math.Abs(value) < 1e15)
            return value.ToString("N0", CultureInfo.InvariantCulture);
        int decimals = Math.Clamp(3 - (int)Math.Floor(Math.Log10(Math.Abs(value))), 0, 15);
        return value.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
