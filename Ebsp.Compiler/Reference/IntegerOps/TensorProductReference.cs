using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Reference.IntegerOps;

/// <summary>r = (a * b * m[c] + 2^(n-1)) >> n, clamped, projected.</summary>
internal sealed class TensorProductReference(TensorProduct op, Shape shape)
{
    private readonly OutputTable _output = new(op.Lo, op.Hi, op.Format, op.Term);

    public int[] Run(int[] a, int[] b)
    {
        int[] result = new int[a.Length];
        for (int i = 0; i < a.Length; i++)
        {
            int m = op.Multipliers[op.Multipliers.Length == 1 ? 0 : i % shape.Channels];
            result[i] = _output.Of(Requantization.Product(a[i], b[b.Length == a.Length ? i : i % shape.Channels], m, op.Shift));
        }

        return result;
    }
}
