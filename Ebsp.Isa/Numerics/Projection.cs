namespace Ebsp.Isa.Numerics;

/// <summary>Projection onto a pattern set, of integers.</summary>
public static class Projection
{
    /// <summary>The nearest magnitude of the set, ties to the larger.</summary>
    /// <param name="magnitude">0..2^30.</param>
    /// <param name="format">The set; a plain format only saturates.</param>
    public static int ProjectMagnitude(int magnitude, PatternFormat format) => format.Kind switch
    {
        FormatKind.Window => Math.Min(RoundToWindow(magnitude, format.PatternLength), format.MaxMagnitude),
        FormatKind.SingleRun => NearestRun(magnitude, format),
        _ => Math.Min(magnitude, format.MaxMagnitude),
    };

    /// <summary>The projection of a value: that of its magnitude, with its sign; negative values become 0 in a format without sign.</summary>
    public static int Project(int value, PatternFormat format) =>
        value >= 0 ? ProjectMagnitude(value, format) : format.Signed ? -ProjectMagnitude(-value, format) : 0;

    /// <summary>The first term of a value: the largest pattern magnitude that is not above its own, with its sign.</summary>
    public static int FirstTerm(int value, PatternFormat format)
    {
        int magnitude = FloorMagnitude(Math.Abs(value), format);
        return value < 0 ? -magnitude : magnitude;
    }

    /// <summary>The second term of a value: the projection of what the first term leaves, with its sign.</summary>
    public static int SecondTerm(int value, PatternFormat format)
    {
        int magnitude = Math.Abs(value);
        int rest = ProjectMagnitude(magnitude - FloorMagnitude(magnitude, format), format);
        return value < 0 ? -rest : rest;
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

        int shift = WindowShift(bounded, format.PatternLength);
        return bounded >> shift << shift;
    }

    private static int RoundToWindow(int magnitude, int patternLength)
    {
        int shift = WindowShift(magnitude, patternLength);
        return (magnitude + (1 << shift >> 1)) >> shift << shift;
    }

    private static int WindowShift(int magnitude, int patternLength) =>
        Math.Max(LeadingOneDetector.Position(magnitude) - patternLength + 1, 0);

    // Runs are few and short-lived (a quantiser option), so a search outward from the value is enough.
    private static int NearestRun(int magnitude, PatternFormat format)
    {
        int bounded = Math.Min(magnitude, format.MaxMagnitude);
        for (int distance = 0; ; distance++)
        {
            if (format.ContainsMagnitude(bounded + distance))
                return bounded + distance;
            if (format.ContainsMagnitude(bounded - distance))
                return bounded - distance;
        }
    }
}
