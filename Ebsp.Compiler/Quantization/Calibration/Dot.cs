using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>Inner product of doubles with partial sums in a fixed order, the same on every machine.</summary>
internal static class Dot
{
    public static double Of(double[] a, double[] b, int length)
    {
        ReadOnlySpan<Vector512<double>> x = MemoryMarshal.Cast<double, Vector512<double>>(a.AsSpan(0, length));
        ReadOnlySpan<Vector512<double>> y = MemoryMarshal.Cast<double, Vector512<double>>(b.AsSpan(0, length));
        Vector512<double> sums = default;
        for (int i = 0; i < x.Length; i++)
            sums += x[i] * y[i];
        double rest = 0;
        for (int i = x.Length * 8; i < length; i++)
            rest += a[i] * b[i];
        return Vector512.Sum(sums) + rest;
    }
}
