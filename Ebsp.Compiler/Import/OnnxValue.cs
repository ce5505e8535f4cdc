using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import;

/// <summary>What a tensor name of an ONNX graph stands for during import.</summary>
internal abstract record OnnxValue;

/// <summary>A constant.</summary>
internal sealed record ConstantValue(OnnxConstant Constant) : OnnxValue;

/// <summary>A tensor of the graph being built.</summary>
/// <param name="Tensor">Its name there.</param>
/// <param name="IsFlat">Seen as [N, C*H*W] (after Flatten, a fully connected layer, ...) and not as [N, C, H, W].</param>
/// <param name="Stored">Not null between QuantizeLinear and DequantizeLinear, where the name stands for integers; the tensor holds their real values.</param>
internal sealed record ActivationValue(string Tensor, bool IsFlat, QuantizeDequantize? Stored = null) : OnnxValue;
