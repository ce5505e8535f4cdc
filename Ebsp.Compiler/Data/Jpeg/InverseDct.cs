namespace Ebsp.Compiler.Data.Jpeg;

/// <summary>
/// The inverse discrete cosine transform of 8 x 8 coefficients in integers: Loeffler, Ligtenberg and Moschytz, "Practical Fast 1-D DCT
/// Algorithms with 11 Multiplications", 1989, in the fixed-point form of the IJG's and libjpeg-turbo's "islow", whose results it has bit
/// for bit.
/// </summary>
internal static class InverseDct
{
    private const int ConstBits = 13, PassBits = 2;

    // The paper's constants times 2^13.
    private const int C0298 = 2446, C0390 = 3196, C0541 = 4433, C0765 = 6270, C0899 = 7373, C1175 = 9633, C1501 = 12299, C1847 = 15137,
        C1961 = 16069,
        C2053 = 16819, C2562 = 20995, C3072 = 25172;

    /// <summary>Transforms a block.</summary>
    /// <param name="block">64 dequantized coefficients, row by row; overwritten.</param>
    /// <param name="samples">Where the first sample goes.</param>
    /// <param name="stride">Distance of rows in samples.</param>
    public static void Transform(Span<int> block, Span<byte> samples, int stride)
    {
        for (int column = 0; column < 8; column++)
            Pass(block[column..], 8, ConstBits - PassBits);
        for (int row = 0; row < 8; row++)
        {
            Span<int> line = block.Slice(8 * row, 8);
            Pass(line, 1, ConstBits + PassBits + 3);
            for (int i = 0; i < 8; i++)
                samples[row * stride + i] = (byte)Math.Clamp(line[i] + 128, 0, 255);
        }
    }

    private static void Pass(Span<int> v, int step, int shift)
    {
        int half = 1 << (shift - 1);
        int even = (v[2 * step] + v[6 * step]) * C0541;
        int t2 = even - v[6 * step] * C1847, t3 = even + v[2 * step] * C0765;
        int t0 = (v[0] + v[4 * step]) << ConstBits, t1 = (v[0] - v[4 * step]) << ConstBits;
        int e0 = t0 + t3 + half, e3 = t0 - t3 + half, e1 = t1 + t2 + half, e2 = t1 - t2 + half;

        int o0 = v[7 * step], o1 = v[5 * step], o2 = v[3 * step], o3 = v[step];
        int z1 = (o0 + o3) * -C0899, z2 = (o1 + o2) * -C2562, z5 = (o0 + o2 + o1 + o3) * C1175;
        int z3 = (o0 + o2) * -C1961 + z5, z4 = (o1 + o3) * -C0390 + z5;
        o0 = o0 * C0298 + z1 + z3;
        o1 = o1 * C2053 + z2 + z4;
        o2 = o2 * C3072 + z2 + z3;
        o3 = o3 * C1501 + z1 + z4;

        (v[0], v[7 * step]) = ((e0 + o3) >> shift, (e0 - o3) >> shift);
        (v[step], v[6 * step]) = ((e1 + o2) >> shift, (e1 - o2) >> shift);
        (v[2 * step], v[5 * step]) = ((e2 + o1) >> shift, (e2 - o1) >> shift);
        (v[3 * step], v[4 * step]) = ((e3 + o0) >> shift, (e3 - o0) >> shift);
    }
}
