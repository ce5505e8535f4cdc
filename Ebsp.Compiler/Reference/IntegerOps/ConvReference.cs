using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.IntegerOps;

/// <summary>Integer convolution: int32 accumulators in two's complement that start at the bias and wrap.</summary>
internal sealed class ConvReference(IntegerConv conv, Shape input)
{
    private readonly MapConvolution<int> _convolution = new(
        input, conv.OutputChannels, conv.Geometry, conv.Groups, conv.Weights.Select(w => (int)w).ToArray(), conv.Bias.AsSpan());

    public int[] Run(int[] map) => _convolution.Run(map);
}
