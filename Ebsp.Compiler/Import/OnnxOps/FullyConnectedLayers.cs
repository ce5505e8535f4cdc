using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>
/// Gemm and MatMul by a constant matrix: a fully connected layer where the axis that is summed over holds the whole image, in any order of
/// its elements; a 1x1 convolution where it holds the channels, at every pixel.
/// </summary>
internal static class FullyConnectedLayers
{
    public static void Gemm(OnnxNode node)
    {
        if (node.Int("transA", 0) != 0)
            throw new NotMappedException("transA is set");
        if (node.Opset < 7)
            node.Ignore("broadcast");
        bool transB = node.Int("transB", 0) != 0;
        float alpha = node.Float("alpha", 1), beta = node.Float("beta", 1);
        _ = node.Floats(1);
        FullyConnected full = Read(node.Constant(1), transB, alpha);
        if (node.HasInput(2))
        {
            int outputs = full.OutputChannels;
            OnnxConstant c = node.Constant(2);
            float[] values = node.Floats(2);
            if (c.Dims.Length > 2 || (values.Length != 1 && (values.Length != outputs || c.Dims[^1] != outputs)))
                throw new NotMappedException($"a constant C of shape {c.DimsText}");
            full = full with { Bias = [.. Enumerable.Range(0, outputs).Select(k => beta * values[values.Length == 1 ? 0 : k])] };
        }

        ActivationValue input = node.Any(0);
        if (input.Rank != 2)
            throw new NotMappedException("input 0 is not a tensor of 2 dimensions");
        Emit(node, full, input, 1, null);
    }

    public static void MatMul(OnnxNode node)
    {
        bool isLeft = node.Input(0) is ConstantValue;
        ActivationValue input = node.Any(isLeft ? 1 : 0);
        int constant = isLeft ? 0 : 1;
        _ = node.Floats(constant);
        OnnxConstant matrix = node.Constant(constant);
        bool isVector = matrix.Dims.Length == 1;
        int axis = isLeft && input.Rank > 1 ? input.Rank - 2 : input.Rank - 1;
        if (input.Rank == 0)
            throw new NotMappedException("a matrix product of a number");
        if (isVector)
            matrix = new OnnxConstant([matrix.Dims[0], 1], matrix.Floats!);
        else if (matrix.Dims.Length > 2 && matrix.Dims[..^2].All(dim => dim == 1))
            matrix = new OnnxConstant(matrix.Dims[^2..], matrix.Floats!) { Grid = matrix.Grid?.Steps.Length == 1 ? matrix.Grid : null };
        Emit(node, Read(matrix, isTransposed: isLeft && !isVector, 1), input, axis, isVector ? axis : null);
    }

    /// <summary>The layer of a constant matrix.</summary>
    /// <param name="matrix">Floats [F, K], or [K, F] if transposed.</param>
    /// <param name="isTransposed">Whether the outputs are the first axis.</param>
    /// <param name="alpha">Factor of all weights.</param>
    public static FullyConnected Read(OnnxConstant matrix, bool isTransposed, float alpha)
    {
        float[] values = matrix.Floats!;
        if (matrix.Dims.Length != 2)
            throw new NotMappedException($"a constant matrix of shape {matrix.DimsText}");
        int outputs = isTransposed ? matrix.Dims[0] : matrix.Dims[1];
        int inputs = isTransposed ? matrix.Dims[1] : matrix.Dims[0];
        float[] weights = isTransposed && alpha == 1 ? values : new float[values.Length];
        for (int k = 0; k < outputs && weights != values; k++)
        {
            for (int f = 0; f < inputs; f++)
                weights[k * inputs + f] = alpha * values[isTransposed ? k * inputs + f : f * outputs + k];
        }

        return new FullyConnected(outputs, ImmutableCollectionsMarshal.AsImmutableArray(weights),
            ImmutableCollectionsMarshal.AsImmutableArray(new float[outputs]))
        {
            WeightSteps = alpha == 1 ? matrix.StepsAlong(isTransposed ? 0 : 1) : [],
        };
    }

    /// <summary>The operation of a layer over an axis of its input, and the axes of its result.</summary>
    /// <param name="full">Weights in the order of the axis.</param>
    /// <param name="input">What it reads; a constant for each element goes into the weights.</param>
    /// <param name="axis">The axis that is summed over.</param>
    public static (Op Op, AxisLayout Layout) Over(FullyConnected full, ActivationValue input, int axis)
    {
        AxisLayout layout = input.Layout;
        int outputs = full.OutputChannels, length = layout.SizeWithinImage(axis);
        if (layout.IsBatch(axis) || full.Weights.Length != (long)outputs * length)
        {
            int inputs = full.Weights.Length / Math.Max(outputs, 1);
            throw new NotMappedException($"a matrix of {inputs} x {outputs} for axis {axis} of {layout}");
        }

        if (layout.IsWhole(axis))
        {
            full = full with { Weights = InOrder(full.Weights, layout.Places(axis)) };
            return (input.Pending is { } pending ? With(pending, full) : full,
                layout.Reduced([AxisLayout.Rows, AxisLayout.Columns], [], keeps: true).Resized(AxisLayout.Channels, outputs, axis));
        }

        if (input.Pending is not null || !layout.IsAllChannels(axis))
            throw new NotMappedException($"a matrix over axis {axis} of {layout}, which is neither the whole image nor its channels");
        Conv conv = new(outputs, new KernelWindow(1, 1), 1, InOrder(full.Weights, layout.ChannelOrder()), full.Bias)
        {
            WeightSteps = full.WeightSteps,
        };
        return (conv, layout.Resized(AxisLayout.Channels, outputs, axis));
    }

    private static void Emit(OnnxNode node, FullyConnected full, ActivationValue input, int axis, int? dropped)
    {
        if (input.Stored is not null)
            throw new NotMappedException("input 0 holds quantized integers");
        (Op op, AxisLayout layout) = Over(full, input, axis);
        node.EmitAs(op, _ => dropped is { } gone ? layout.Without([gone]) : layout, input);
    }

    // From the order of the axis to the order of storage.
    private static ImmutableArray<float> InOrder(ImmutableArray<float> weights, int[] places)
    {
        if (places.Select((place, i) => place == i).All(same => same))
            return weights;
        float[] stored = new float[weights.Length];
        for (int i = 0; i < stored.Length; i++)
            stored[i / places.Length * places.Length + places[i % places.Length]] = weights[i];
        return ImmutableCollectionsMarshal.AsImmutableArray(stored);
    }

    // W (x * f + o) + b = (W f) x + (b + W o)
    private static FullyConnected With(ElementAffine pending, FullyConnected full)
    {
        int length = pending.Factor.Length;
        float[] weights = new float[full.Weights.Length], bias = new float[full.OutputChannels];
        for (int k = 0; k < bias.Length; k++)
        {
            double sum = full.Bias[k];
            for (int i = 0; i < length; i++)
            {
                double weight = full.Weights[k * length + i];
                weights[k * length + i] = (float)(weight * pending.Factor[i]);
                sum += weight * pending.Offset[i];
            }

            bias[k] = (float)sum;
        }

        return new FullyConnected(full.OutputChannels, [.. weights], [.. bias]);
    }
}
