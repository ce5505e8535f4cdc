using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Add, Sub, Mul, Div: of two tensors (Div apart), or with a constant per channel.</summary>
internal static class Arithmetic
{
    public static void Add(OnnxNode node)
    {
        if (node.Input(0) is ActivationValue a && node.Input(1) is ActivationValue b)
        {
            if (a.IsFlat != b.IsFlat)
                throw new NotMappedException("an addition of tensors of different rank");
            node.Emit(new Add(), a.IsFlat, a, b);
        }
        else
            WithConstant(node, (x, y) => x + y, isSwappable: true, c => (1, c));
    }

    public static void Sub(OnnxNode node)
    {
        if (TensorArithmetic.Takes(node))
            TensorArithmetic.Sub(node);
        else if (node.Input(0) is ConstantValue && node.Input(1) is ActivationValue)
            WithConstant(node, (x, y) => x - y, isSwappable: true, c => (-1, c));
        else
            WithConstant(node, (x, y) => x - y, isSwappable: false, c => (1, -c));
    }

    public static void Mul(OnnxNode node)
    {
        if (TensorArithmetic.Takes(node))
            TensorArithmetic.Mul(node);
        else
            WithConstant(node, (x, y) => x * y, isSwappable: true, c => (c, 0));
    }

    public static void Div(OnnxNode node) => WithConstant(node, (x, y) => x / y, isSwappable: false, c => (1 / (double)c, 0));

    /// <summary>Folds the operation on two constants, or emits y = x * factor + offset.</summary>
    private static void WithConstant(
        OnnxNode node, Func<float, float, float> fold, bool isSwappable, Func<float, (double Factor, double Offset)> affine)
    {
        if (node.Input(0) is ConstantValue && node.Input(1) is ConstantValue)
        {
            FoldConstants(node, fold);
            return;
        }

        if (node.Input(0) is ActivationValue && node.Input(1) is ActivationValue)
            throw new NotMappedException("the quotient of two tensors; a product of two, or a constant divisor, maps");
        int index = node.Input(0) is ActivationValue ? 0 : 1;
        if (index == 1 && !isSwappable)
            throw new NotMappedException("a constant divided by a tensor; a constant divisor maps");
        ActivationValue input = node.Activation(index);
        float[] constant = PerChannel(node, input, 1 - index);
        int channels = node.ShapeOf(input).Channels;
        float[] factors = new float[channels];
        float[] offsets = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            (double factor, double offset) = affine(constant[constant.Length == 1 ? 0 : c]);
            (factors[c], offsets[c]) = ((float)factor, (float)offset);
        }

        node.Emit(new ChannelAffine(ImmutableCollectionsMarshal.AsImmutableArray(factors), ImmutableCollectionsMarshal.AsImmutableArray(offsets)),
            input.IsFlat, input);
    }

    private static float[] PerChannel(OnnxNode node, ActivationValue input, int index)
    {
        OnnxConstant constant = node.Constant(index);
        float[] values = node.Floats(index);
        if (values.Length == 1 && constant.Dims.Length <= (input.IsFlat ? 2 : 4))
            return values;
        Shape shape = node.ShapeOf(input);
        // Broadcasting aligns the last dimensions: [C,1,1] and [1,C,1,1] in a map, [F] and [1,F] in a vector.
        int behind = input.IsFlat ? 0 : 2;
        int channelAxis = constant.Dims.Length - 1 - behind;
        bool fits = values.Length == shape.Channels && channelAxis is 0 or 1 && constant.Dims[channelAxis] == shape.Channels
            && (!input.IsFlat || shape is { Height: 1, Width: 1 });
        return fits ? values : throw new NotMappedException($"a constant of shape {constant.DimsText} that is not one value a channel of {shape}");
    }

    private static void FoldConstants(OnnxNode node, Func<float, float, float> fold)
    {
        OnnxConstant a = node.Constant(0), b = node.Constant(1);
        float[] x = node.Floats(0), y = node.Floats(1);
        bool sameDims = a.Dims.SequenceEqual(b.Dims);
        if (!sameDims && (y.Length != 1 || b.Dims.Length > a.Dims.Length) && (x.Length != 1 || a.Dims.Length > b.Dims.Length))
            throw new NotMappedException($"constants of shapes {a.DimsText} and {b.DimsText}");
        float[] result = new float[Math.Max(x.Length, y.Length)];
        for (int i = 0; i < result.Length; i++)
            result[i] = fold(x[x.Length == 1 ? 0 : i], y[y.Length == 1 ? 0 : i]);
        node.Fold(new OnnxConstant(sameDims || y.Length == 1 && b.Dims.Length <= a.Dims.Length ? a.Dims : b.Dims, result));
    }
}
