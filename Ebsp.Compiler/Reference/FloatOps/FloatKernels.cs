using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>The kernel of each operation.</summary>
internal static class FloatKernels
{
    public static IFloatKernel For(Op op, Shape input, Shape output) => op switch
    {
        Conv { Groups: > 1 } conv when conv.Groups == input.Channels && conv.OutputChannels == input.Channels => new DepthwiseKernel(conv, input, output),
        Conv conv => new ConvKernel(conv.Geometry, conv.Groups, conv.Weights, conv.Bias, input, output),
        // The weights of a fully connected layer, [K, C*H*W], are those of a convolution whose kernel is the map.
        FullyConnected full => new ConvKernel(new WindowGeometry(input.Height, input.Width), 1, full.Weights, full.Bias, input, output),
        ChannelAffine affine => new AffineKernel(affine),
        Clamp clamp => new ClampKernel(clamp),
        Add => new AddKernel(),
        MaxPool pool => new MaxPoolKernel(pool, input, output),
        AveragePool pool => new AveragePoolKernel(pool, input, output),
        Slice slice => new SliceKernel(slice, input),
        Pad pad => new PadKernel(pad, input, output),
        Softmax => new SoftmaxKernel(isLog: false),
        LogSoftmax => new SoftmaxKernel(isLog: true),
        _ => throw new InvalidOperationException($"no float kernel for {op.GetType().Name}"),
    };
}
