using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ebsp.Isa.Numerics;

/// <summary>
/// Values of a stored tensor as real numbers, many at once: what training computes with in the place of integers. The integers are those of
/// the machine; float32 holds every one of them, and every partial result, exactly.
/// </summary>
/// <remarks>
/// A window of k bits keeps the k leading bits of an integer, as a float of k significant bits does: rounding the mantissa is the
/// projection.
/// </remarks>
public static class FloatProjection
{
    /// <summary>
    /// As the machine stores what it requantizes: x = value * inverseScale in float32, r = floor(x + 1/2) in float32 too, clamped to the
    /// format's range, its magnitude projected, times the scale. NaN stays NaN.
    /// </summary>
    /// <param name="values">Real values.</param>
    /// <param name="inverseScale">1 / scale.</param>
    /// <param name="scale">Real value of one unit.</param>
    /// <param name="format">A format of at most 16 bits.</param>
    /// <param name="terms">1, or 2: the sum of two values of the format, of a window format.</param>
    /// <param name="lo">Lower clamp bound in units; the format's own holds too.</param>
    /// <param name="hi">Upper clamp bound in units; the format's own holds too.</param>
    /// <param name="stored">As many; may be <paramref name="values"/> itself.</param>
    /// <exception cref="ArgumentException">The format is too wide, or the target too short.</exception>
    public static void Requantize(
        ReadOnlySpan<float> values, float inverseScale, float scale, PatternFormat format, int terms, int lo, int hi, Span<float> stored)
    {
        if (format.Bits > 16)
            throw new ArgumentException($"no real values are made of {format}", nameof(format));
        if (stored.Length < values.Length)
            throw new ArgumentException("shorter than the values", nameof(stored));
        int done = 0;
        if (terms == 1 && format.Kind != FormatKind.SingleRun)
        {
            FloatGrid grid = new(format, lo, hi);
            ReadOnlySpan<Vector256<float>> source = MemoryMarshal.Cast<float, Vector256<float>>(values);
            Span<Vector256<float>> target = MemoryMarshal.Cast<float, Vector256<float>>(stored[..values.Length]);
            Vector256<float> inverse = Vector256.Create(inverseScale), factor = Vector256.Create(scale);
            for (int i = 0; i < target.Length; i++)
                target[i] = grid.Requantize(source[i] * inverse) * factor;
            done = target.Length * Vector256<float>.Count;
        }

        for (int i = done; i < values.Length; i++)
            stored[i] = RequantizeOne(values[i] * inverseScale, format, terms, lo, hi) * scale;
    }

    /// <summary>
    /// As weights are quantized: the member of the set nearest to x = value * inverseScale as a real number, ties to the larger magnitude,
    /// times the scale (<see cref="BatchProjection.Project(ReadOnlySpan{float}, float, PatternFormat, Span{sbyte})"/>). NaN stays NaN.
    /// </summary>
    /// <param name="values">Real values.</param>
    /// <param name="inverseScale">1 / scale.</param>
    /// <param name="scale">Real value of one unit.</param>
    /// <param name="format">A format of at most 8 bits.</param>
    /// <param name="stored">As many; may be <paramref name="values"/> itself.</param>
    /// <exception cref="ArgumentException">The format is too wide, or the target too short.</exception>
    public static void Nearest(ReadOnlySpan<float> values, float inverseScale, float scale, PatternFormat format, Span<float> stored)
    {
        if (format.Bits > PatternFormat.MaxOperandBits)
            throw new ArgumentException($"no operand has the format {format}", nameof(format));
        if (stored.Length < values.Length)
            throw new ArgumentException("shorter than the values", nameof(stored));
        int done = 0;
        if (format.Kind != FormatKind.SingleRun)
        {
            FloatGrid grid = new(format, int.MinValue, int.MaxValue);
            ReadOnlySpan<Vector256<float>> source = MemoryMarshal.Cast<float, Vector256<float>>(values);
            Span<Vector256<float>> target = MemoryMarshal.Cast<float, Vector256<float>>(stored[..values.Length]);
            Vector256<float> inverse = Vector256.Create(inverseScale), factor = Vector256.Create(scale);
            for (int i = 0; i < target.Length; i++)
                target[i] = grid.Nearest(source[i] * inverse) * factor;
            done = target.Length * Vector256<float>.Count;
        }

        for (int i = done; i < values.Length; i++)
        {
            float x = values[i] * inverseScale;
            stored[i] = float.IsNaN(x) ? x : BatchProjection.ProjectReal(x, format) * scale;
        }
    }

    // In units.
    private static float RequantizeOne(float x, PatternFormat format, int terms, int lo, int hi)
    {
        if (float.IsNaN(x))
            return x;
        int limit = (int)((1L << format.MagnitudeBits) - 1);
        lo = Math.Max(lo, format.Signed ? -limit : 0);
        int r = (int)Math.Clamp(MathF.Floor(x + 0.5f), lo, Math.Max(lo, Math.Min(hi, limit)));
        return terms == 2 ? Projection.FirstTerm(r, format) + Projection.SecondTerm(r, format) : Projection.Project(r, format);
    }
}

/// <summary>The bounds and masks of a format's values as floats, one term, window or plain.</summary>
internal readonly struct FloatGrid
{
    private readonly Vector256<float> _least;
    private readonly Vector256<float> _most;
    private readonly Vector256<int> _half;
    private readonly Vector256<int> _kept;
    private readonly Vector256<float> _exact;

    public FloatGrid(PatternFormat format, int lo, int hi)
    {
        const int Mantissa = 23;
        // What lies between the largest member and 2^M - 1 is projected onto the largest member.
        _least = Vector256.Create((float)Math.Max(lo, format.MinValue));
        _most = Vector256.Create((float)Math.Max(Math.Max(lo, format.MinValue), Math.Min(hi, format.MaxMagnitude)));
        // The leading one is implied: k - 1 of the mantissa's bits are kept. A plain format keeps all.
        int dropped = format.IsPattern ? Mantissa - format.PatternLength + 1 : 0;
        _half = Vector256.Create(dropped == 0 ? 0 : 1 << (dropped - 1));
        _kept = Vector256.Create(-1 << dropped);
        // From here on the k leading bits leave steps of 1 and more.
        _exact = Vector256.Create(format.IsPattern ? (float)(1 << (format.PatternLength - 1)) : float.PositiveInfinity);
    }

    /// <summary>floor(x + 1/2), clamped, the magnitude projected.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Requantize(Vector256<float> x)
    {
        Vector256<float> r = Vector256.Floor(x + Vector256.Create(0.5f));
        return Round(Vector256.Min(Vector256.Max(r, _least), _most));
    }

    /// <summary>The nearest member to x, ties to the larger magnitude.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<float> Nearest(Vector256<float> x)
    {
        x = Vector256.Min(Vector256.Max(x, _least), _most);
        Vector256<float> magnitude = Vector256.Abs(x);
        Vector256<float> whole = Vector256.Floor(magnitude + Vector256.Create(0.5f)) | (x & Vector256.Create(-0f));
        return Vector256.ConditionalSelect(Vector256.GreaterThanOrEqual(magnitude, _exact), Round(x), whole);
    }

    // Half of what is dropped is added to the magnitude: the carry goes into the exponent where it must. NaN stays one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<float> Round(Vector256<float> r) => ((r.AsInt32() + _half) & _kept).AsSingle();
}
