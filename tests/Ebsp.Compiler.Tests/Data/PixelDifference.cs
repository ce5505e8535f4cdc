namespace Ebsp.Compiler.Tests.Data;

/// <summary>How far pixels are from those that are expected.</summary>
/// <param name="Most">Largest difference of a value.</param>
/// <param name="Mean">Mean difference of all values.</param>
internal sealed record PixelDifference(int Most, double Mean)
{
    public static PixelDifference Of(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        Assert.AreEqual(expected.Length, actual.Length);
        int most = 0;
        long sum = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            int difference = Math.Abs(expected[i] - actual[i]);
            (most, sum) = (Math.Max(most, difference), sum + difference);
        }

        return new PixelDifference(most, (double)sum / expected.Length);
    }
}
