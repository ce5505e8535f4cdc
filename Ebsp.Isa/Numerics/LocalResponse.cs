using System.Numerics;

namespace Ebsp.Isa.Numerics;

/// <summary>
/// Local response normalization across channels: every value is multiplied by a factor that falls with the sum of squares S around it.
/// The factor comes from a table over S with <see cref="Segments"/> equal steps an octave, and a straight line between two entries.
/// </summary>
/// <remarks>Entry i is the factor at m * 2^s: i = m for m below 2 * <see cref="Segments"/>, else i = s * <see cref="Segments"/> +
/// m.</remarks>
public static class LocalResponse
{
    /// <summary>Table entries between S and 2 * S.</summary>
    public const int Segments = 32;

    /// <summary>Largest number of channels in a window.</summary>
    public const int MaxSize = 255;

    /// <summary>Largest sum of squares: <paramref name="size"/> values of a format of at most 16 bits.</summary>
    public static long LargestSum(int size, PatternFormat format) => (long)size * format.MaxMagnitude * format.MaxMagnitude;

    /// <summary>Entries that a table needs for sums up to the given one.</summary>
    public static int Entries(long largestSum) => Place(largestSum, out _) + 2;

    /// <summary>The sum of squares at which an entry stands.</summary>
    public static long SumAt(int entry)
    {
        int octave = Math.Max(entry / Segments - 1, 0);
        return (long)(entry - octave * Segments) << octave;
    }

    /// <summary>The factor at a sum of squares.</summary>
    /// <param name="factors">The table, entries in 0..2^31-1.</param>
    /// <param name="sum">0 .. the largest sum of the table, below 2^38.</param>
    public static int Factor(ReadOnlySpan<int> factors, long sum)
    {
        int entry = Place(sum, out int octave);
        long rest = sum & ((1L << octave) - 1);
        return factors[entry] + (int)(((long)factors[entry + 1] - factors[entry]) * rest >> octave);
    }

    /// <summary>r = (q * m + 2^(n-1)) &gt;&gt; n: the value times its factor, half up.</summary>
    public static long Respond(int q, int m, int n) => ((long)q * m + (1L << (n - 1))) >> n;

    /// <summary>Normalizes all channels of one pixel.</summary>
    /// <param name="values">Values of all channels, at most 16 bits.</param>
    /// <param name="results">As many; not the same memory.</param>
    /// <param name="size">Channels of a window, 1..255: (size - 1) / 2 in front of the value, size / 2 behind it.</param>
    /// <param name="factors">The table, see <see cref="Factor"/>.</param>
    /// <param name="shift">n, 1..62.</param>
    /// <param name="lo">Lower clamp bound.</param>
    /// <param name="hi">Upper clamp bound.</param>
    /// <param name="format">Format of the results.</param>
    public static void Normalize(
        ReadOnlySpan<int> values, Span<int> results, int size, ReadOnlySpan<int> factors, int shift, int lo, int hi, PatternFormat format)
    {
        int before = (size - 1) / 2, behind = size / 2;
        long sum = 0;
        for (int c = 0; c < Math.Min(behind, values.Length); c++)
            sum += (long)values[c] * values[c];
        for (int c = 0; c < values.Length; c++)
        {
            if (c + behind < values.Length)
                sum += (long)values[c + behind] * values[c + behind];
            results[c] = Projection.Project(Requantization.Clamp(Respond(values[c], Factor(factors, sum), shift), lo, hi), format);
            if (c >= before)
                sum -= (long)values[c - before] * values[c - before];
        }
    }

    private static int Place(long sum, out int octave)
    {
        octave = Math.Max(BitOperations.Log2((ulong)sum | 1) - BitOperations.Log2(Segments), 0);
        return octave * Segments + (int)(sum >> octave);
    }
}
