namespace Ebsp.Isa.Instructions;

/// <summary>
/// A window along one axis: tap t of output position p falls on source position p * Stride + t * Dilation - Pad, which exists if it
/// lies in 0..Source-1.
/// </summary>
/// <param name="Positions">Output positions, at least 1.</param>
/// <param name="Taps">Kernel size, at least 1.</param>
/// <param name="Stride">Source positions between windows, at least 1.</param>
/// <param name="Dilation">Source positions between taps, at least 1.</param>
/// <param name="Pad">Padding in front.</param>
/// <param name="Source">Source positions that exist, at least 1.</param>
public readonly record struct KernelAxis(long Positions, long Taps, long Stride, long Dilation, long Pad, long Source)
{
    /// <summary>The smallest and largest source position that some tap falls on; first &gt; last if none does.</summary>
    public (long First, long Last) Touched()
    {
        long first = Source;
        long last = -1;
        for (long tap = 0; tap < Taps; tap++)
        {
            long shift = tap * Dilation - Pad;
            // The first output position that brings this tap to 0 or beyond, and the last that keeps it below Source.
            long low = Math.Max(0, CeilingDivide(-shift, Stride));
            long high = Math.Min(Positions - 1, FloorDivide(Source - 1 - shift, Stride));
            if (low > high)
                continue;
            first = Math.Min(first, low * Stride + shift);
            last = Math.Max(last, high * Stride + shift);
        }

        return (first, last);
    }

    /// <summary>How many source positions some tap of neighboring output positions falls on, padding included.</summary>
    /// <param name="positions">Neighboring output positions, at least 1.</param>
    /// <param name="taps">Kernel size, at least 1.</param>
    /// <param name="stride">Source positions between windows, at least 1.</param>
    /// <param name="dilation">Source positions between taps, at least 1.</param>
    public static int Patch(int positions, int taps, int stride, int dilation)
    {
        // Tap t of position p falls where tap t - m of position p + n does, if m * dilation = n * stride: with the smallest such m and n, a
        // tap that has such a partner is counted by the partner.
        int common = Common(stride, dilation), tapsApart = stride / common, positionsApart = dilation / common;
        return positions * taps - Math.Max(0, positions - positionsApart) * Math.Max(0, taps - tapsApart);
    }

    /// <summary>Whether every output position has a tap on a source position that exists.</summary>
    public bool EveryWindowTouches()
    {
        // A window that begins at 0 or beyond needs its first tap inside; the last window begins farthest.
        if ((Positions - 1) * Stride - Pad >= Source)
            return false;
        for (long position = 0; position < Positions && position * Stride < Pad; position++)
        {
            long start = position * Stride - Pad;
            long tap = CeilingDivide(-start, Dilation);
            if (tap >= Taps || start + tap * Dilation >= Source)
                return false;
        }

        return true;
    }

    private static int Common(int a, int b) => b == 0 ? a : Common(b, a % b);

    private static long FloorDivide(long a, long b) => a >= 0 ? a / b : -((-a + b - 1) / b);

    private static long CeilingDivide(long a, long b) => -FloorDivide(-a, b);
}
