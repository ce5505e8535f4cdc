using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Concat: of feature maps along their channels, of vectors along their elements, of constants.</summary>
internal static class Joining
{
    public static void Concat(OnnxNode node)
    {
        // Operator set 4 made the axis obligatory.
        long axis = node.Int("axis", 1);
        if (Enumerable.Range(0, node.InputCount).All(i => node.Input(i) is ConstantValue))
        {
            FoldConstants(node, axis);
            return;
        }

        ActivationValue[] inputs = [.. Enumerable.Range(0, node.InputCount).Select(node.Activation)];
        bool isFlat = inputs[0].IsFlat;
        int rank = isFlat ? 2 : 4;
        if (inputs.Any(input => input.IsFlat != isFlat))
            throw new NotMappedException("a concatenation of tensors of different rank");
        if (axis != 1 && axis != 1 - rank)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"axis {axis}; channels are axis 1"));
        if (isFlat && inputs.Any(input => node.ShapeOf(input) is not { Height: 1, Width: 1 }))
            throw new NotMappedException("a concatenation of flattened maps");
        if (inputs.Length == 1)
            node.Forward(inputs[0]);
        else
            node.Emit(new Concat(), isFlat, inputs);
    }

    private static void FoldConstants(OnnxNode node, long axis)
    {
        OnnxConstant[] parts = [.. Enumerable.Range(0, node.InputCount).Select(node.Constant)];
        int rank = parts[0].Dims.Length;
        int at = (int)(axis < 0 ? axis + rank : axis);
        if (at < 0 || at >= rank || parts.Any(part => part.Dims.Length != rank || part.Floats is null != parts[0].Floats is null
            || !part.Dims.Where((_, i) => i != at).SequenceEqual(parts[0].Dims.Where((_, i) => i != at))))
            throw new NotMappedException($"constants of shapes {string.Join(", ", parts.Select(part => part.DimsText))}");
        int[] dims = [.. parts[0].Dims];
        dims[at] = checked((int)parts.Sum(part => (long)part.Dims[at]));
        node.Fold(parts[0].Floats is null
            ? new OnnxConstant(dims, Joined(parts, part => part.Integers!, at))
            : new OnnxConstant(dims, Joined(parts, part => part.Floats!, at)));
    }

    private static T[] Joined<T>(OnnxConstant[] parts, Func<OnnxConstant, T[]> values, int axis)
    {
        int outer = parts[0].Dims[..axis].Aggregate(1, (product, dim) => product * dim);
        List<T> joined = [];
        for (int i = 0; i < outer; i++)
        {
            foreach (OnnxConstant part in parts)
            {
                int run = part.Count / Math.Max(outer, 1);
                joined.AddRange(values(part).AsSpan(i * run, run));
            }
        }

        return [.. joined];
    }
}
