using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import;

/// <summary>What a tensor name of an ONNX graph stands for during import.</summary>
internal abstract record OnnxValue;

/// <summary>A constant.</summary>
internal sealed record ConstantValue(OnnxConstant Constant) : OnnxValue;

/// <summary>A tensor of the graph being built.</summary>
/// <param name="Tensor">Its name there.</param>
/// <param name="Dims">
/// How ONNX cuts one image of it: [C, H, W] for a map, [C*H*W] after a Flatten, or any dimensions of the same product over the same
/// order of values. Axis 0 of ONNX, the batch, is not among them.
/// </param>
/// <param name="Stored">Not null between QuantizeLinear and DequantizeLinear, where the name stands for integers; the tensor holds their
/// real values.</param>
internal sealed record ActivationValue(string Tensor, int[] Dims, QuantizeDequantize? Stored = null) : OnnxValue
{
    /// <summary>Seen as [N, F] (after Flatten, a fully connected layer, ...).</summary>
    public bool IsFlat => Dims.Length == 1;

    /// <summary>Dimensions that ONNX counts, the batch included.</summary>
    public int Rank => Dims.Length + 1;

    /// <summary>The dimensions as text, <c>[N,16,32,32]</c>.</summary>
    public string DimsText => $"[N{string.Concat(Dims.Select(dim => FormattableString.Invariant($",{dim}")))}]";
}

/// <summary>The graph's input where it comes as [N, H, W, C] and is turned before anything reads it.</summary>
internal sealed record ChannelsLastValue(string Tensor) : OnnxValue;
