using System.Globalization;
using System.Runtime.Intrinsics;

namespace Ebsp.Isa.Numerics;

/// <summary>
/// Projection of many float weights at once, with the same result on every vector width: x = value * inverseScale in float32, then the
/// nearest member of the set to x as a real number, ties to the larger magnitude, saturated; below zero, 0 in a format without sign.
/// </summary>
public static partial class BatchProjection
{
    /// <summary>Projects float32 values.</summary>
    /// <param name="values">The values; infinities saturate.</param>
    /// <param name="inverseScale">1 / scale; finite and positive.</param>
    /// <param name="format">A format whose <see cref="PatternFormat.MaxMagnitude"/> is at most 127.</param>
    /// <param name="projected">At least as long as <paramref name="values"/>; the rest is left alone. Undefined after an exception.</param>
    /// <exception cref="ArgumentException">A value is NaN (the message names its index), the format is too wide, or the target too
    /// short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The inverse scale is not finite and positive.</exception>
    public static void Project(ReadOnlySpan<float> values, float inverseScale, PatternFormat format, Span<sbyte> projected) =>
        Project(values, inverseScale, format, projected, BestWidth);

    /// <summary>Widest vector, in bits, that this machine runs in hardware: 512, 256, 128, or 0 for scalar code.</summary>
    internal static int BestWidth =>
        Vector512.IsHardwareAccelerated ? 512 : Vector256.IsHardwareAccelerated ? 256 : Vector128.IsHardwareAccelerated ? 128 : 0;

    internal static void Project(ReadOnlySpan<float> values, float inverseScale, PatternFormat format, Span<sbyte> projected, int width)
    {
        if (format.MaxMagnitude > sbyte.MaxValue)
            throw new ArgumentException($"the magnitudes of {format} do not fit a signed byte", nameof(format));
        if (projected.Length < values.Length)
            throw new ArgumentException("shorter than the values", nameof(projected));
        RefuseScale(inverseScale, nameof(inverseScale));
        // The kernels double the scale instead of x; scalar code serves the one binade where that overflows.
        if (format.Kind == FormatKind.SingleRun || !float.IsFinite(2 * inverseScale))
            width = 0;
        bool ordered = true;
        int done = width switch
        {
            512 => Project512(values, inverseScale, format, projected, ref ordered),
            256 => Project256(values, inverseScale, format, projected, ref ordered),
            128 => Project128(values, inverseScale, format, projected, ref ordered),
            _ => 0,
        };
        for (int i = done; i < values.Length; i++)
        {
            float x = values[i] * inverseScale;
            ordered &= !float.IsNaN(x);
            projected[i] = (sbyte)ProjectReal(x, format);
        }

        if (!ordered)
            RefuseNaN(values, nameof(values));
    }

    /// <summary>The projection of a real number, the definition of all that is here; 0 for NaN.</summary>
    internal static int ProjectReal(float x, PatternFormat format)
    {
        if (!(x > 0) && !format.Signed)
            return 0;
        float doubled = Math.Min(2 * Math.Abs(x), 2 * format.MaxMagnitude);
        int magnitude = float.IsNaN(x) ? 0 : Projection.ProjectHalves((int)doubled, format);
        return x < 0 ? -magnitude : magnitude;
    }

    // Halves from which another bit is dropped: 2^(k+1) and its doubles up to 2 * MaxMagnitude; none for plain formats.
    private static int DroppedBits(PatternFormat format) => format.Kind == FormatKind.Window
        ? format.MagnitudeBits - format.PatternLength
        : 0;

    private static void RefuseScale(float scale, string name)
    {
        if (!float.IsFinite(scale) || scale <= 0)
            throw new ArgumentOutOfRangeException(name, scale, "a scale is finite and positive");
    }

    private static void RefuseNaN(ReadOnlySpan<float> values, string name)
    {
        int index = 0;
        while (!float.IsNaN(values[index]))
            index++;
        throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"the value at index {index} is not a number"), name);
    }
}
