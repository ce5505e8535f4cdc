using System.Runtime.InteropServices;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Add, Sub, Mul, Div, Sum: of two tensors (Div apart), or with a constant per channel.</summary>
internal static class Arithmetic
{
    public static void Add(OnnxNode node)
    {
        if (node.Input(0) is ActivationValue a && node.Input(1) is ActivationValue b)
        {
            RequireOneShape(a, b);
            node.Emit(new Add(), a.IsFlat, a, b);
        }
        else
            WithConstant(node, isSwappable: true, c => (1, c));
    }

    public static void Sub(OnnxNode node)
    {
        if (TensorArithmetic.Takes(node))
            TensorArithmetic.Sub(node);
        else if (node.Input(0) is ConstantValue && node.Input(1) is ActivationValue)
            WithConstant(node, isSwappable: true, c => (-1, c));
        else
            WithConstant(node, isSwappable: false, c => (1, -c));
    }

    public static void Mul(OnnxNode node)
    {
        if (TensorArithmetic.Takes(node))
            TensorArithmetic.Mul(node);
        else
            WithConstant(node, isSwappable: true, c => (c, 0));
    }

    public static void Div(OnnxNode node) => WithConstant(node, isSwappable: false, c => (1 / (double)c, 0));

    public static void Sum(OnnxNode node)
    {
        ActivationValue[] inputs = [.. Enumerable.Range(0, node.InputCount).Select(node.Activation)];
        ActivationValue sum = inputs[0];
        for (int i = 1; i < inputs.Length; i++)
        {
            RequireOneShape(sum, inputs[i]);
            if (i < inputs.Length - 1)
                sum = node.Step(new Add(), "sum", sum.IsFlat, sum, inputs[i]);
            else
                node.Emit(new Add(), sum.IsFlat, sum, inputs[i]);
        }

        if (inputs.Length == 1)
            node.Forward(sum);
    }

    private static void RequireOneShape(ActivationValue a, ActivationValue b)
    {
        if (!a.Dims.SequenceEqual(b.Dims))
            throw new NotMappedException($"an addition of {a.DimsText} and {b.DimsText}");
    }

    /// <summary>Emits y = x * factor + offset.</summary>
    private static void WithConstant(OnnxNode node, bool isSwappable, Func<float, (double Factor, double Offset)> affine)
    {
        if (node.Input(0) is not ConstantValue && node.Input(1) is not ConstantValue)
            throw new NotMappedException("the quotient of two tensors; a product of two, or a constant divisor, maps");
        int index = node.Input(0) is ConstantValue ? 1 : 0;
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

        node.Emit(new ChannelAffine(ImmutableCollectionsMarshal.AsImmutableArray(factors),
            ImmutableCollectionsMarshal.AsImmutableArray(offsets)),
            input.IsFlat, input);
    }

    /// <summary>One value, or one a channel. Broadcasting aligns the last dimensions: [C,1,1] and [1,C,1,1] in a map, [F] and [1,F] in a
    /// vector.</summary>
    private static float[] PerChannel(OnnxNode node, ActivationValue input, int index)
    {
        OnnxConstant constant = node.Constant(index);
        float[] values = node.Floats(index);
        if (values.Length == 1 && constant.Dims.Length <= input.Rank)
            return values;
        int[] dims = Aligned(node, constant.Dims, input);
        dims = [.. Enumerable.Repeat(1, Math.Max(0, input.Rank - dims.Length)), .. dims];
        int channels = node.ShapeOf(input).Channels, split = 0, product = 1;
        while (split < input.Dims.Length && product < channels)
            product *= input.Dims[split++];
        if (dims.Length != input.Rank || dims[0] != 1 || product != channels || dims.Skip(1 + split).Any(dim => dim != 1)
            || dims[1..(1 + split)].Where((dim, axis) => dim != 1 && dim != input.Dims[axis]).Any())
            throw new NotMappedException(
                $"a constant of shape {constant.DimsText} that is not one value a channel of {node.ShapeOf(input)}");
        return [.. Places.Broadcast(dims[1..(1 + split)], input.Dims[..split], channels).Select(place => values[place])];
    }

    // Before operator set 7 'axis' said where the dimensions of the second operand begin within those of the first.
    private static int[] Aligned(OnnxNode node, int[] dims, ActivationValue input)
    {
        if (node.Opset >= 7)
            return dims;
        long axis = node.Int("broadcast", 0) != 0 ? node.Int("axis", input.Rank - dims.Length) : input.Rank - dims.Length;
        long behind = input.Rank - dims.Length - (axis < 0 ? axis + input.Rank : axis);
        return behind >= 0 && behind <= input.Rank
            ? [.. dims, .. Enumerable.Repeat(1, (int)behind)]
            : throw new NotMappedException("an axis that leaves the tensor");
    }
}
