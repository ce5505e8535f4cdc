using System.Globalization;
using Ebsp.Isa.Numerics;

namespace Ebsp.Benchmarks;

/// <summary>25 M float weights onto s6(3) and into packed codes of 5 bits, beside a plain copy of the same floats in the same
/// run.</summary>
internal static class ProjectionBenchmark
{
    private const int Weights = 25_000_000;
    // A layer's worth; the projected bytes stay in the cache until they are packed. A multiple of 8.
    private const int Block = 65_536;
    private const int CachedRepeats = 256;

    public static int Run()
    {
        PatternFormat format = PatternFormat.Window(6, 3, signed: true);
        int bits = WeightPacking.Bits(format, WeightCoding.Index);
        Random random = new(1);
        float[] weights = new float[Weights], copy = new float[Weights];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = random.NextSingle() - 0.5f;
        byte[] packed = new byte[BitPacking.PackedBytes(Weights, bits)];
        sbyte[] projected = new sbyte[Block];
        const float Scale = 0.5f / 28;

        void Pack()
        {
            for (int start = 0; start < weights.Length; start += Block)
            {
                ReadOnlySpan<float> block = weights.AsSpan(start, Math.Min(Block, weights.Length - start));
                Span<sbyte> values = projected.AsSpan(0, block.Length);
                BatchProjection.Project(block, 1 / Scale, format, values);
                WeightPacking.Pack(values, format, WeightCoding.Index, packed.AsSpan(start / 8 * bits));
            }
        }

        void Error()
        {
            for (int i = 0; i < CachedRepeats; i++)
                BatchProjection.SquaredError(weights.AsSpan(0, Block), Scale, format);
        }

        void Project()
        {
            for (int i = 0; i < CachedRepeats; i++)
                BatchProjection.Project(weights.AsSpan(0, Block), 1 / Scale, format, projected);
        }

        void PackCached()
        {
            for (int i = 0; i < CachedRepeats; i++)
                WeightPacking.Pack(projected, format, WeightCoding.Index, packed);
        }

        double[] medians = Rounds.Medians(15, () => weights.AsSpan().CopyTo(copy), Pack, Project, PackCached, Error);
        Console.WriteLine(Rounds.Machine());
        Line("copy of the floats", medians[0], Weights);
        Line($"projected onto {format}, packed to {bits} bits", medians[1], Weights);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  ratio to the copy {medians[1] / medians[0]:F2}"));
        Line("projection alone, in cache", medians[2], Block * CachedRepeats);
        Line("packing alone, in cache", medians[3], Block * CachedRepeats);
        Line("error of a scale, in cache", medians[4], Block * CachedRepeats);
        return 0;
    }

    private static void Line(string what, double milliseconds, double count) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {what,-40} {milliseconds,8:F2} ms  {count / milliseconds / 1e6,6:F2} G weights/s"));
}
