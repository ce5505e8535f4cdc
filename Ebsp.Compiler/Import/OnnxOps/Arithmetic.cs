using System.Runtime.InteropServices;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Add, Sub, Mul, Div, Sum, Max, Min: of two tensors, or with constants.</summary>
internal static class Arithmetic
{
    private static readonly PointExpression X = PointExpression.Input;

    public static void Add(OnnxNode node) => Binary(node, PointStepKind.Add, c => (1, c), c => (1, c));

    public static void Sub(OnnxNode node) => Binary(node, PointStepKind.Sub, c => (1, -c), c => (-1, c));

    public static void Mul(OnnxNode node) => Binary(node, PointStepKind.Mul, c => (c, 0), c => (c, 0));

    public static void Div(OnnxNode node) => Binary(node, PointStepKind.Div, c => (1 / (double)c, 0), null);

    public static void Sum(OnnxNode node) => Chain(node, Add, (a, b, last) =>
    {
        (a, b) = TensorArithmetic.OfOneShape(node, "an addition", a, b);
        return last ? node.Last(new Add(), a, b) : node.Step(new Add(), "sum", null, a, b);
    });

    public static void Max(OnnxNode node) => Extreme(node, PointStepKind.Max);

    public static void Min(OnnxNode node) => Extreme(node, PointStepKind.Min);

    // The larger is a + relu(b - a), the smaller a - relu(a - b).
    private static void Extreme(OnnxNode node, PointStepKind kind)
    {
        bool isMax = kind == PointStepKind.Max;
        Chain(node, WithBound, (a, b, last) =>
        {
            if (last && node.InputCount == 2 && node.EmitsFunction(kind, a, b))
                return null;
            (a, b) = TensorArithmetic.OfOneShape(node, "a comparison", a, b);
            ActivationValue more = node.Step(new Subtract(), "more", null, isMax ? b : a, isMax ? a : b);
            ActivationValue above = node.Step(new Clamp(0, float.PositiveInfinity), "above", null, more);
            Op op = isMax ? new Add() : new Subtract();
            return last ? node.Last(op, a, above) : node.Step(op, isMax ? "max" : "min", null, a, above);
        });

        void WithBound(OnnxNode two)
        {
            int index = two.Input(0) is ConstantValue ? 1 : 0;
            ActivationValue input = two.Activation(index);
            ElementAffine bound = Stored(two, ref input, 1 - index, c => (1, -c));
            Clamp clamp = isMax ? new Clamp(0, float.PositiveInfinity) : new Clamp(float.NegativeInfinity, 0);
            if (two.Floats(1 - index) is [float value])
            {
                clamp = isMax ? new Clamp(value, float.PositiveInfinity) : new Clamp(float.NegativeInfinity, value);
                two.EmitFunction(PointFormulas.Clamped(clamp.Minimum, clamp.Maximum), clamp, input);
                return;
            }

            if (bound.Factor.Length != two.ShapeOf(input).Channels)
                throw new NotMappedException("a bound for each element; one for each channel maps");
            ActivationValue moved = two.Step(new ChannelAffine([.. bound.Factor], [.. bound.Offset]), "moved", null, input);
            two.Emit(new ChannelAffine([.. bound.Factor], [.. bound.Offset.Select(offset => -offset)]),
                two.Step(clamp, "bounded", null, moved));
        }
    }

    // Operators of any number of tensors are a chain of pairs; a constant may be one of two.
    private static void Chain(OnnxNode node, Action<OnnxNode> withConstant, Func<ActivationValue, ActivationValue, bool,
        ActivationValue?> pair)
    {
        if (node.InputCount == 2 && (node.Input(0) is ConstantValue || node.Input(1) is ConstantValue))
        {
            withConstant(node);
            return;
        }

        ActivationValue[] inputs = [.. Enumerable.Range(0, node.InputCount).Select(node.Activation)];
        if (inputs.Length == 0)
            throw new NotMappedException("no inputs");
        if (inputs.Length == 1)
            node.Forward(inputs[0]);
        ActivationValue all = inputs[0];
        for (int i = 1; i < inputs.Length; i++)
            all = pair(all, inputs[i], i == inputs.Length - 1) ?? all;
    }

    private static void Binary(OnnxNode node, PointStepKind kind, Func<float, (double Factor, double Offset)> behind,
        Func<float, (double Factor, double Offset)>? ahead)
    {
        OnnxValue a = node.Input(0), b = node.Input(1);
        if (a is ActivationValue && b is ActivationValue)
            TensorArithmetic.Emit(node, kind, node.Activation(0), node.Activation(1));
        else if (a is ActivationValue)
            WithConstant(node, kind, 0, behind);
        else if (ahead is not null)
            WithConstant(node, kind, 1, ahead);
        else if (node.Floats(0) is [float dividend])
            PointFunctions.Written(node, dividend / X, node.Activation(1));
        else
            throw new NotMappedException("a constant of several values divided by a tensor; a number, or a constant divisor, maps");
    }

    /// <summary>y = x * factor + offset.</summary>
    private static void WithConstant(OnnxNode node, PointStepKind kind, int index, Func<float, (double Factor, double Offset)> affine)
    {
        ActivationValue input = node.Any(index);
        if (input.Stored is not null)
            throw new NotMappedException($"input {index} holds quantized integers");
        float[] values = node.Floats(1 - index);
        ElementAffine step = Stored(node, ref input, 1 - index, affine);
        int channels = node.ShapeOf(input).Channels;
        if (step.Factor.Length == channels && input.Pending is null)
        {
            ChannelAffine op = new(ImmutableCollectionsMarshal.AsImmutableArray(step.Factor),
                ImmutableCollectionsMarshal.AsImmutableArray(step.Offset));
            if (values is [float value] && float.IsFinite(value))
                node.EmitFunction(index == 0 ? PointExpression.Of(kind, X, value) : PointExpression.Of(kind, value, X), op, input);
            else
                node.Emit(op, input);
            return;
        }

        // A constant for each element waits for the layer that takes it into its weights.
        int elements = input.Layout.Elements, plane = elements / channels;
        ElementAffine before = input.Pending ?? new ElementAffine([.. Enumerable.Repeat(1f, elements)], new float[elements]);
        float[] factor = new float[elements], offset = new float[elements];
        for (int i = 0; i < elements; i++)
        {
            int at = step.Factor.Length == channels && channels != elements ? i / plane : i;
            factor[i] = before.Factor[i] * step.Factor[at];
            offset[i] = (float)((double)before.Offset[i] * step.Factor[at] + step.Offset[at]);
        }

        node.Forward(input with { Pending = new ElementAffine(factor, offset) });
    }

    /// <summary>
    /// What a constant makes of the values: one entry a channel, or one an element of an image in the order C, H, W. Broadcasting aligns
    /// the last dimensions.
    /// </summary>
    /// <param name="node">The node.</param>
    /// <param name="input">The tensor; it gets axes of 1 in front where the constant has more axes.</param>
    /// <param name="index">The input that is the constant.</param>
    /// <param name="affine">From a value of the constant to the factor and what is added.</param>
    public static ElementAffine Stored(OnnxNode node, ref ActivationValue input, int index, Func<float, (double Factor,
        double Offset)> affine)
    {
        OnnxConstant constant = node.Constant(index);
        float[] values = node.Floats(index);
        int[] dims = Aligned(node, constant.Dims, input);
        if (dims.Length > input.Rank && dims[..^input.Rank].All(dim => dim == 1))
            input = input with { Layout = input.Layout.WithOnes(Enumerable.Range(0, dims.Length - input.Rank)) };
        dims = [.. Enumerable.Repeat(1, Math.Max(0, input.Rank - dims.Length)), .. dims];
        AxisLayout layout = input.Layout;
        Shape shape = node.ShapeOf(input);
        int channels = shape.Channels, plane = layout.Elements / channels;
        if (values.Length != 1 && (dims.Length != input.Rank
            || dims.Where((dim, axis) => dim != 1 && (layout.IsBatch(axis) || dim != layout.SizeWithinImage(axis))).Any()))
            throw new NotMappedException($"a constant of shape {constant.DimsText} that is not one value a channel of {shape}");
        if (values.Length == 1)
            return Of([.. Enumerable.Repeat(values[0], channels)]);
        int[] varying = [.. Enumerable.Range(0, dims.Length).Where(axis => dims[axis] != 1)];
        int[] axes = layout.ChannelAxes() is { } own && !varying.Except(own).Any() ? own : [.. Enumerable.Range(0, dims.Length)];
        int[] places = layout.Places(axes);
        int[] chosen = Places.Broadcast([.. axes.Select(axis => dims[axis])], [.. axes.Select(layout.SizeWithinImage)], places.Length);
        bool isByChannel = places.Length == channels;
        float[] stored = new float[places.Length];
        for (int i = 0; i < places.Length; i++)
            stored[isByChannel ? places[i] / plane : places[i]] = values[chosen[i]];
        if (!isByChannel && Enumerable.Range(0, stored.Length).All(i => stored[i] == stored[i / plane * plane]))
            stored = [.. Enumerable.Range(0, channels).Select(c => stored[c * plane])];
        return Of(stored);

        ElementAffine Of(float[] each)
        {
            float[] factors = new float[each.Length], offsets = new float[each.Length];
            for (int i = 0; i < each.Length; i++)
            {
                (double factor, double offset) = affine(each[i]);
                (factors[i], offsets[i]) = ((float)factor, (float)offset);
            }

            return new ElementAffine(factors, offsets);
        }
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
