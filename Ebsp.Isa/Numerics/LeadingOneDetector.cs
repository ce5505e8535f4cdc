using System.Numerics;

namespace Ebsp.Isa.Numerics;

/// <summary>The leading-one detector (LOD) at the edge of the PE array.</summary>
public static class LeadingOneDetector
{
    /// <summary>Position of the most significant one, counted from 0.</summary>
    /// <param name="magnitude">A magnitude, 0..2^31-1.</param>
    /// <returns>0..30, or -1 for zero.</returns>
    public static int Position(int magnitude) => magnitude == 0 ? -1 : BitOperations.Log2((uint)magnitude);
}
