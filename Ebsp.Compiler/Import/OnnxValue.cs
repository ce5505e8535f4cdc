using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import;

/// <summary>What a tensor name of an ONNX graph stands for during import.</summary>
internal abstract record OnnxValue;

/// <summary>A constant.</summary>
internal sealed record ConstantValue(OnnxConstant Constant) : OnnxValue;

/// <summary>A tensor of the graph being built.</summary>
/// <param name="Tensor">Its name there.</param>
/// <param name="Layout">How ONNX cuts it into axes.</param>
/// <param name="Stored">Not null between QuantizeLinear and DequantizeLinear, where the name stands for integers; the tensor holds their
/// real values.</param>
/// <param name="Pending">What each element is yet to be scaled by and moved by; a fully connected layer takes it into its weights.</param>
internal sealed record ActivationValue(string Tensor, AxisLayout Layout, QuantizeDequantize? Stored = null, ElementAffine? Pending = null)
    : OnnxValue
{
    /// <summary>Axes that ONNX counts, the batch included.</summary>
    public int Rank => Layout.Rank;
}

/// <summary>x * Factor[i] + Offset[i] for each element of an image in the order C, H, W.</summary>
internal sealed record ElementAffine(float[] Factor, float[] Offset);

/// <summary>An activation whose axes are [N, C, H, W] or [N, C, W].</summary>
/// <param name="Value">It, its channels in order.</param>
/// <param name="Spatial">For each axis behind the channels the stored axis that it is: rows or columns.</param>
internal sealed record MapValue(ActivationValue Value, int[] Spatial)
{
    /// <summary>The axes of a result of this rank that has its channels, rows and columns where this has them.</summary>
    public AxisLayout LayoutOf(Shape shape) =>
        AxisLayout.Of(shape, [Value.Layout.Lead, [AxisLayout.Channels], .. Spatial.Select(stored => (int[]?)[stored])]);
}
