namespace Ebsp.Isa.Numerics;

/// <summary>Projection onto a pattern set: nearest value, ties to the larger magnitude, saturated. Total: every int32 has an
/// answer.</summary>
public static class Projection
{
    /// <summary>The nearest magnitude of the set, ties to the larger.</summary>
    /// <param name="magnitude">0..2^31-1.</param>
    /// <param name="format">The set; a plain format only saturates.</param>
    public static int ProjectMagnitude(int magnitude, PatternFormat format)
    {
        // The largest magnitude is in the set, so saturating first changes no answer and leaves room to round up.
        int bounded = Math.Min(magnitude, format.MaxMagnitude);
        return format.Kind == FormatKind.Uniform ? bounded : ProjectHalves(bounded << 1, format);
    }

    /// <summary>The projection of a value: that of its magnitude, with its sign; negative values become 0 in a format without
    /// sign.</summary>
    public static int Project(int value, PatternFormat format) => WithSign(value, ProjectMagnitude(Magnitude(value, format), format));

    /// <summary>
    /// The first term of a value: the largest pattern magnitude that is not above its own, with its sign; negative values have two
    /// zero terms in a format without sign.
    /// </summary>
    public static int FirstTerm(int value, PatternFormat format) => WithSign(value, FloorMagnitude(Magnitude(value, format), format));

    /// <summary>The second term of a value: the projection of what the first term leaves, with its sign.</summary>
    public static int SecondTerm(int value, PatternFormat format)
    {
        int magnitude = Magnitude(value, format);
        return WithSign(value, ProjectMagnitude(magnitude - FloorMagnitude(magnitude, format), format));
    }

    /// <summary>The largest magnitude of the set that is at most the given one.</summary>
    public static int FloorMagnitude(int magnitude, PatternFormat format)
    {
        int bounded = Math.Min(magnitude, format.MaxMagnitude);
        if (format.Kind == FormatKind.Uniform)
            return bounded;
        if (format.Kind == FormatKind.SingleRun)
        {
            while (!format.ContainsMagnitude(bounded))
                bounded--;
            return bounded;
        }

        int shift = Math.Max(LeadingOneDetector.Position(bounded) - format.PatternLength + 1, 0);
        return bounded >> shift << shift;
    }

    /// <summary>
    /// The nearest magnitude to any real x with floor(2x) = halves. Two neighbors of a set are integers, so twice the tie between
    /// them is one too, and whether x has reached it is known from floor(2x) alone.
    /// </summary>
    /// <param name="halves">0..2 * MaxMagnitude.</param>
    /// <param name="format">The set, of at most 16 bits if plain.</param>
    internal static int ProjectHalves(int halves, PatternFormat format)
    {
        if (format.Kind == FormatKind.SingleRun)
            return NearestRun(halves, format);
        if (format.Kind == FormatKind.Uniform)
            return (halves + 1) >> 1;
        int shift = Math.Max(LeadingOneDetector.Position(halves) - format.PatternLength, 0);
        return (halves + (1 << shift)) >> (shift + 1) << shift;
    }

    // Runs are few and short-lived (a quantizer option), so a search outward from the value is enough.
    private static int NearestRun(int halves, PatternFormat format)
    {
        int below = FloorMagnitude(halves >> 1, format);
        if (below == format.MaxMagnitude)
            return below;
        int above = below + 1;
        while (!format.ContainsMagnitude(above))
            above++;
        return halves >= below + above ? above : below;
    }

    // Saturated, because int.MinValue has no magnitude in int32.
    private static int Magnitude(int value, PatternFormat format) =>
        value >= 0 ? value : format.Signed ? -Math.Max(value, -int.MaxValue) : 0;

    private static int WithSign(int value, int magnitude) => value < 0 ? -magnitude : magnitude;
}
