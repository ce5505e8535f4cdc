using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ebsp.Isa.Numerics;

public static partial class BatchProjection
{
    // Element i goes to partial sum i mod 16, whatever the vector width: two vectors of 512 bits, four of 256, eight of 128.
    private const int Lanes = 16;

    /// <summary>
    /// The error that a scale makes: scale^2 times the sum over all values of (x - projection of x)^2, with x = value * (1 / scale) in
    /// float32. The difference is taken in float32 (exact unless x saturates), squared and summed in double in a fixed order, so the
    /// result is the same on every machine.
    /// </summary>
    /// <param name="values">The values.</param>
    /// <param name="scale">Positive and finite, and so is 1 / scale.</param>
    /// <param name="format">Any format of at most 16 bits.</param>
    /// <returns>At least 0; infinite where an x is beyond float32.</returns>
    /// <exception cref="ArgumentException">A value is NaN (the message names its index), or the format has 32 bits.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The scale or its inverse is not finite and positive.</exception>
    public static double SquaredError(ReadOnlySpan<float> values, float scale, PatternFormat format) =>
        SquaredError(values, scale, format, BestWidth);

    internal static double SquaredError(ReadOnlySpan<float> values, float scale, PatternFormat format, int width)
    {
        if (format.Bits > 16)
            throw new ArgumentException($"no error is defined for {format}", nameof(format));
        RefuseScale(scale, nameof(scale));
        float inverse = 1 / scale;
        RefuseScale(inverse, nameof(scale));
        Span<double> lanes = stackalloc double[Lanes];
        lanes.Clear();
        int done = values.Length & -Lanes;
        switch (format.Kind == FormatKind.SingleRun ? 0 : width)
        {
            case 512: Accumulate512(values[..done], inverse, format, lanes); break;
            case 256: Accumulate256(values[..done], inverse, format, lanes); break;
            case 128: Accumulate128(values[..done], inverse, format, lanes); break;
            default: done = 0; break;
        }

        for (int i = done; i < values.Length; i++)
        {
            float x = values[i] * inverse;
            double deviation = x - ProjectReal(x, format);
            lanes[i % Lanes] += deviation * deviation;
        }

        for (int step = Lanes / 2; step > 0; step /= 2)
        {
            for (int i = 0; i < step; i++)
                lanes[i] += lanes[i + step];
        }

        if (double.IsNaN(lanes[0]))
            RefuseNaN(values, nameof(values));
        return (double)scale * scale * lanes[0];
    }

    // To float32, rounding to a step of 2^t is adding and taking away 2^(23+t). It breaks ties to even instead of to the larger, but the
    // two neighbors of a tie are equally far, so the error is the same. A plain format has the steps of a pattern of 24 bits: one.
    private static int MagicShift(PatternFormat format) => (format.IsPattern ? 24 - format.PatternLength : 0) << 23;

    private const float SmallestMagic = 1 << 23;

    private const int ExponentMask = 0x7F800000;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Accumulate512(ReadOnlySpan<float> values, float inverse, PatternFormat format, Span<double> lanes)
    {
        ReadOnlySpan<Vector512<float>> source = MemoryMarshal.Cast<float, Vector512<float>>(values);
        Vector512<float> scale = Vector512.Create(inverse), max = Vector512.Create((float)format.MaxMagnitude);
        Vector512<float> signless = format.Signed ? Vector512.Create(int.MaxValue).AsSingle() : Vector512<float>.AllBitsSet;
        Vector512<int> shift = Vector512.Create(MagicShift(format));
        Vector512<double> sum0 = default, sum1 = default;
        for (int i = 0; i < source.Length; i++)
        {
            Vector512<float> x = source[i] * scale & signless;
            Vector512<float> bounded = NativeVector.Clamp(x, Vector512<float>.Zero, max);
            Vector512<int> magic = (bounded.AsInt32() & Vector512.Create(ExponentMask)) + shift;
            Vector512<float> step = Vector512.Max(magic, Vector512.Create(SmallestMagic).AsInt32()).AsSingle();
            (Vector512<double> e0, Vector512<double> e1) = Vector512.Widen(x - (bounded + step - step));
            sum0 += e0 * e0;
            sum1 += e1 * e1;
        }

        sum0.CopyTo(lanes);
        sum1.CopyTo(lanes[8..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Accumulate256(ReadOnlySpan<float> values, float inverse, PatternFormat format, Span<double> lanes)
    {
        ReadOnlySpan<Vector256<float>> source = MemoryMarshal.Cast<float, Vector256<float>>(values);
        Vector256<float> scale = Vector256.Create(inverse), max = Vector256.Create((float)format.MaxMagnitude);
        Vector256<float> signless = format.Signed ? Vector256.Create(int.MaxValue).AsSingle() : Vector256<float>.AllBitsSet;
        Vector256<int> shift = Vector256.Create(MagicShift(format));
        Span<Vector256<double>> sums = MemoryMarshal.Cast<double, Vector256<double>>(lanes);
        Vector256<double> sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (int i = 0; i + 1 < source.Length; i += 2)
        {
            (Vector256<double> e0, Vector256<double> e1) = Vector256.Widen(Deviation(source[i] * scale & signless, max, shift));
            (Vector256<double> e2, Vector256<double> e3) = Vector256.Widen(Deviation(source[i + 1] * scale & signless, max, shift));
            sum0 += e0 * e0;
            sum1 += e1 * e1;
            sum2 += e2 * e2;
            sum3 += e3 * e3;
        }

        (sums[0], sums[1], sums[2], sums[3]) = (sum0, sum1, sum2, sum3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Deviation(Vector256<float> x, Vector256<float> max, Vector256<int> shift)
    {
        Vector256<float> bounded = NativeVector.Clamp(x, Vector256<float>.Zero, max);
        Vector256<int> magic = (bounded.AsInt32() & Vector256.Create(ExponentMask)) + shift;
        Vector256<float> step = Vector256.Max(magic, Vector256.Create(SmallestMagic).AsInt32()).AsSingle();
        return x - (bounded + step - step);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Accumulate128(ReadOnlySpan<float> values, float inverse, PatternFormat format, Span<double> lanes)
    {
        ReadOnlySpan<Vector128<float>> source = MemoryMarshal.Cast<float, Vector128<float>>(values);
        Vector128<float> scale = Vector128.Create(inverse), max = Vector128.Create((float)format.MaxMagnitude);
        Vector128<float> signless = format.Signed ? Vector128.Create(int.MaxValue).AsSingle() : Vector128<float>.AllBitsSet;
        Vector128<int> shift = Vector128.Create(MagicShift(format));
        Span<Vector128<double>> sums = MemoryMarshal.Cast<double, Vector128<double>>(lanes);
        for (int i = 0; i < source.Length; i++)
        {
            Vector128<float> x = source[i] * scale & signless;
            Vector128<float> bounded = NativeVector.Clamp(x, Vector128<float>.Zero, max);
            Vector128<int> magic = (bounded.AsInt32() & Vector128.Create(ExponentMask)) + shift;
            Vector128<float> step = Vector128.Max(magic, Vector128.Create(SmallestMagic).AsInt32()).AsSingle();
            (Vector128<double> e0, Vector128<double> e1) = Vector128.Widen(x - (bounded + step - step));
            sums[i % 4 * 2] += e0 * e0;
            sums[i % 4 * 2 + 1] += e1 * e1;
        }
    }
}
