using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ebsp.Isa.Numerics;

// The kernels: whole vectors of 16, 32 or 64 values; they return how many values they did. Each works on floor(2x) of the magnitude
// in int16 lanes: a lane whose magnitude passes 2^(k+1), 2^(k+2), ... half units drops one more bit, rounded half up. A quantizer's
// first call is already long, so they do without the compiler's tiers; and inlined into their caller they would exhaust its budget for
// inlining.
public static partial class BatchProjection
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Project128(ReadOnlySpan<float> values, float inverseScale, PatternFormat format, Span<sbyte> projected,
        ref bool ordered)
    {
        ReadOnlySpan<Vector128<float>> source = MemoryMarshal.Cast<float, Vector128<float>>(values);
        Span<Vector128<sbyte>> target = MemoryMarshal.Cast<sbyte, Vector128<sbyte>>(projected[..values.Length]);
        Vector128<float> doubled = Vector128.Create(2 * inverseScale), hi = Vector128.Create(2f * format.MaxMagnitude),
            lo = Vector128.Create(2f * format.MinValue);
        Vector128<short> exact = Vector128.Create((short)((2 << format.PatternLength) - 1));
        Vector128<int> numbers = Vector128<int>.AllBitsSet;
        int dropped = DroppedBits(format);
        for (int i = 0; i < target.Length; i++)
        {
            Vector128<float> a = source[4 * i], b = source[4 * i + 1], c = source[4 * i + 2], d = source[4 * i + 3];
            numbers &= (Vector128.Equals(a, a) & Vector128.Equals(b, b) & Vector128.Equals(c, c) & Vector128.Equals(d, d)).AsInt32();
            a = NativeVector.Clamp(a * doubled, lo, hi);
            b = NativeVector.Clamp(b * doubled, lo, hi);
            c = NativeVector.Clamp(c * doubled, lo, hi);
            d = NativeVector.Clamp(d * doubled, lo, hi);
            Vector128<short> first = Vector128.Narrow(NativeVector.Truncate(a), NativeVector.Truncate(b));
            Vector128<short> second = Vector128.Narrow(NativeVector.Truncate(c), NativeVector.Truncate(d));
            target[i] = Vector128.Narrow(RoundHalves(first, exact, dropped), RoundHalves(second, exact, dropped));
        }

        ordered = numbers == Vector128<int>.AllBitsSet;
        return target.Length * Vector128<sbyte>.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<short> RoundHalves(Vector128<short> halves, Vector128<short> exact, int dropped)
    {
        Vector128<short> sign = halves >> 15, magnitude = Vector128.Abs(halves), half = Vector128<short>.One;
        for (int bit = 0; bit < dropped; bit++)
        {
            half += half & Vector128.GreaterThan(magnitude, exact);
            exact += exact + Vector128<short>.One;
        }

        Vector128<short> rounded = ((magnitude + half) & -(half + half)) >> 1;
        return (rounded ^ sign) - sign;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Project256(ReadOnlySpan<float> values, float inverseScale, PatternFormat format, Span<sbyte> projected,
        ref bool ordered)
    {
        ReadOnlySpan<Vector256<float>> source = MemoryMarshal.Cast<float, Vector256<float>>(values);
        Span<Vector256<sbyte>> target = MemoryMarshal.Cast<sbyte, Vector256<sbyte>>(projected[..values.Length]);
        Vector256<float> doubled = Vector256.Create(2 * inverseScale), hi = Vector256.Create(2f * format.MaxMagnitude),
            lo = Vector256.Create(2f * format.MinValue);
        Vector256<short> exact = Vector256.Create((short)((2 << format.PatternLength) - 1));
        Vector256<int> numbers = Vector256<int>.AllBitsSet;
        int dropped = DroppedBits(format);
        for (int i = 0; i < target.Length; i++)
        {
            Vector256<float> a = source[4 * i], b = source[4 * i + 1], c = source[4 * i + 2], d = source[4 * i + 3];
            numbers &= (Vector256.Equals(a, a) & Vector256.Equals(b, b) & Vector256.Equals(c, c) & Vector256.Equals(d, d)).AsInt32();
            a = NativeVector.Clamp(a * doubled, lo, hi);
            b = NativeVector.Clamp(b * doubled, lo, hi);
            c = NativeVector.Clamp(c * doubled, lo, hi);
            d = NativeVector.Clamp(d * doubled, lo, hi);
            Vector256<short> first = Vector256.Narrow(NativeVector.Truncate(a), NativeVector.Truncate(b));
            Vector256<short> second = Vector256.Narrow(NativeVector.Truncate(c), NativeVector.Truncate(d));
            target[i] = Vector256.Narrow(RoundHalves(first, exact, dropped), RoundHalves(second, exact, dropped));
        }

        ordered = numbers == Vector256<int>.AllBitsSet;
        return target.Length * Vector256<sbyte>.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<short> RoundHalves(Vector256<short> halves, Vector256<short> exact, int dropped)
    {
        Vector256<short> sign = halves >> 15, magnitude = Vector256.Abs(halves), half = Vector256<short>.One;
        for (int bit = 0; bit < dropped; bit++)
        {
            half += half & Vector256.GreaterThan(magnitude, exact);
            exact += exact + Vector256<short>.One;
        }

        Vector256<short> rounded = ((magnitude + half) & -(half + half)) >> 1;
        return (rounded ^ sign) - sign;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int Project512(ReadOnlySpan<float> values, float inverseScale, PatternFormat format, Span<sbyte> projected,
        ref bool ordered)
    {
        ReadOnlySpan<Vector512<float>> source = MemoryMarshal.Cast<float, Vector512<float>>(values);
        Span<Vector512<sbyte>> target = MemoryMarshal.Cast<sbyte, Vector512<sbyte>>(projected[..values.Length]);
        Vector512<float> doubled = Vector512.Create(2 * inverseScale), hi = Vector512.Create(2f * format.MaxMagnitude),
            lo = Vector512.Create(2f * format.MinValue);
        Vector512<short> exact = Vector512.Create((short)((2 << format.PatternLength) - 1));
        Vector512<int> numbers = Vector512<int>.AllBitsSet;
        int dropped = DroppedBits(format);
        for (int i = 0; i < target.Length; i++)
        {
            Vector512<float> a = source[4 * i], b = source[4 * i + 1], c = source[4 * i + 2], d = source[4 * i + 3];
            numbers &= (Vector512.Equals(a, a) & Vector512.Equals(b, b) & Vector512.Equals(c, c) & Vector512.Equals(d, d)).AsInt32();
            a = NativeVector.Clamp(a * doubled, lo, hi);
            b = NativeVector.Clamp(b * doubled, lo, hi);
            c = NativeVector.Clamp(c * doubled, lo, hi);
            d = NativeVector.Clamp(d * doubled, lo, hi);
            Vector512<short> first = Vector512.Narrow(NativeVector.Truncate(a), NativeVector.Truncate(b));
            Vector512<short> second = Vector512.Narrow(NativeVector.Truncate(c), NativeVector.Truncate(d));
            target[i] = Vector512.Narrow(RoundHalves(first, exact, dropped), RoundHalves(second, exact, dropped));
        }

        ordered = numbers == Vector512<int>.AllBitsSet;
        return target.Length * Vector512<sbyte>.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<short> RoundHalves(Vector512<short> halves, Vector512<short> exact, int dropped)
    {
        Vector512<short> sign = halves >> 15, magnitude = Vector512.Abs(halves), half = Vector512<short>.One;
        for (int bit = 0; bit < dropped; bit++)
        {
            half += half & Vector512.GreaterThan(magnitude, exact);
            exact += exact + Vector512<short>.One;
        }

        Vector512<short> rounded = ((magnitude + half) & -(half + half)) >> 1;
        return (rounded ^ sign) - sign;
    }
}
