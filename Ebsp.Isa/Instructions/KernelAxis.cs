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

    private static long FloorDivide(long a, long b) => a >= 0 ? a / b : -((-a + b - 1) / b);

    private static long CeilingDivide(long a, long b) => -FloorDivide(-a, b);
}
