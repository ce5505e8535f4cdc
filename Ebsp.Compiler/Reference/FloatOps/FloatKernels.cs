using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>The kernel of each operation.</summary>
internal static class FloatKernels
{
    /// <param name="op">The operation.</param>
    /// <param name="input">Shape of its first input.</param>
    /// <param name="output">Shape of what it makes.</param>
    /// <param name="others">Shapes of its further inputs.</param>
    public static IFloatKernel For(Op op, Shape input, Shape output, params ReadOnlySpan<Shape> others) => op switch
    {
        Conv { WeightSteps.IsEmpty: false } conv =>
            new OrderedConvKernel(conv.Geometry, conv.Groups, conv.Weights, conv.Bias, input, output),
        FullyConnected { WeightSteps.IsEmpty: false } full =>
            new OrderedConvKernel(new KernelWindow(input.Height, input.Width), 1, full.Weights, full.Bias, input, output),
        Conv { Groups: > 1 } conv when conv.Groups == input.Channels && conv.OutputChannels == input.Channels =>
            new DepthwiseKernel(conv, input, output),
        Conv conv => new ConvKernel(conv.Geometry, conv.Groups, conv.Weights, conv.Bias, input, output),
        // The weights of a fully connected layer, [K, C*H*W], are those of a convolution whose kernel is the map.
        FullyConnected full => new ConvKernel(new KernelWindow(input.Height, input.Width), 1, full.Weights, full.Bias, input, output),
        ChannelAffine affine => new AffineKernel(affine),
        Clamp clamp => new ClampKernel(clamp),
        QuantizeDequantize q => new QuantizeKernel(q),
        Add => new AddKernel(1),
        Subtract => new AddKernel(-1),
        Multiply => new MultiplyKernel(input.Channels, isGate: others[0] != input),
        LocalResponseNorm norm => new LocalResponseKernel(norm, input.Channels),
        PointFunction point => new PointKernel(point),
        MaxPool pool => new MaxPoolKernel(pool, input, output),
        AveragePool pool => new AveragePoolKernel(pool, input, output),
        Slice slice => new SliceKernel(slice, input),
        Pad pad => new PadKernel(pad, input, output),
        Concat => new ConcatKernel([input.Channels, .. ChannelsOf(others)]),
        Assemble assemble => new AssembleKernel(assemble, [input, .. others]),
        Softmax => new SoftmaxKernel(OutputTransform.Softmax, input.Channels),
        LogSoftmax => new SoftmaxKernel(OutputTransform.LogSoftmax, input.Channels),
        ArgMax => new SoftmaxKernel(OutputTransform.ArgMax, input.Channels),
        Normalize norm => new SoftmaxKernel(norm.Order == 1 ? OutputTransform.Normalize1 : OutputTransform.Normalize2, input.Channels),
        _ => throw new InvalidOperationException($"no float kernel for {op.GetType().Name}"),
    };

    private static int[] ChannelsOf(ReadOnlySpan<Shape> shapes)
    {
        int[] channels = new int[shapes.Length];
        for (int i = 0; i < channels.Length; i++)
            channels[i] = shapes[i].Channels;
        return channels;
    }
}
