using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Reference.IntegerOps;

/// <summary>r = (a * m[c] + b * mb + d[c] + 2^(n-1)) >> n, clamped, projected.</summary>
internal sealed class RequantizeReference
{
    private readonly Requantize _op;
    private readonly int _channels;
    private readonly int[] _multipliers;
    private readonly long[] _offsets;
    private readonly OutputTable _output;

    /// <summary>Spreads m and d over channels.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="shape">Shape of its inputs.</param>
    /// <param name="pool">The sum pool before it and the shape that it reads, where m goes by the count of valid elements.</param>
    public RequantizeReference(Requantize op, Shape shape, (SumPool Op, Shape Input)? pool)
    {
        _op = op;
        _channels = shape.Channels;
        _output = new OutputTable(op.Lo, op.Hi, op.Format, op.Term);
        _offsets = op.Offsets.IsDefaultOrEmpty ? new long[shape.Channels] : [.. op.Offsets];
        // One multiplier an element where windows differ, else one a channel.
        _multipliers = pool is { } before && op.ByValidCount
            ? [.. ValidCounts(before.Op, before.Input, shape)
                .SelectMany(count => Enumerable.Repeat(op.Multipliers[count - 1], shape.Channels))]
            : op.Multipliers.Length == 1 ? [.. Enumerable.Repeat(op.Multipliers[0], shape.Channels)] : [.. op.Multipliers];
    }

    public int[] Run(int[] a, int[]? b)
    {
        int[] result = new int[a.Length];
        bool each = _op.ByValidCount;
        for (int first = 0; first < a.Length; first += _channels)
        {
            for (int c = 0; c < _channels; c++)
            {
                int i = first + c;
                long r = Requantization.Requantize(a[i], _multipliers[each ? i : c], b is null ? 0 : b[i], _op.SecondMultiplier,
                    _offsets[c], _op.Shift);
                result[i] = _output.Of(r);
            }
        }

        return result;
    }

    /// <summary>Elements of the map under each window, row by row.</summary>
    internal static IEnumerable<int> ValidCounts(SumPool pool, Shape input, Shape output)
    {
        KernelWindow g = pool.Geometry;
        for (int y = 0; y < output.Height; y++)
        {
            for (int x = 0; x < output.Width; x++)
            {
                yield return Inside(y * g.StrideY - g.PadTop, g.KernelRows, g.DilationY, input.Height)
                    * Inside(x * g.StrideX - g.PadLeft, g.KernelColumns, g.DilationX, input.Width);
            }
        }

        static int Inside(int start, int size, int dilation, int extent)
        {
            int inside = 0;
            for (int i = 0; i < size; i++)
            {
                if (start + i * dilation >= 0 && start + i * dilation < extent)
                    inside++;
            }

            return inside;
        }
    }
}
