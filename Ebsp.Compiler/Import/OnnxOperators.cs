using System.Collections.Frozen;
using Ebsp.Compiler.Import.OnnxOps;

namespace Ebsp.Compiler.Import;

/// <summary>One ONNX operator that maps.</summary>
/// <param name="Type">Its name.</param>
/// <param name="Form">The forms that map, in a few words.</param>
/// <param name="Import">Maps a node, or throws <see cref="NotMappedException"/>.</param>
internal sealed record OnnxOperator(string Type, string Form, Action<OnnxNode> Import);

/// <summary>The table of operators of the domain ai.onnx that map.</summary>
internal static class OnnxOperators
{
    /// <summary>Oldest operator set; the broadcasting attributes of its additions are refused.</summary>
    public const int MinOpset = 6;

    /// <summary>Newest operator set.</summary>
    public const int MaxOpset = 27;

    /// <summary>By name.</summary>
    public static FrozenDictionary<string, OnnxOperator> All { get; } = new OnnxOperator[]
    {
        new("Conv", "2-D; weights and bias constant; groups, strides, dilations, pads, auto_pad", Convolution.Conv),
        new("MaxPool", "2-D; strides, dilations, pads, auto_pad, ceil_mode", Pooling.MaxPool),
        new("AveragePool", "2-D; strides, dilations, pads, auto_pad, ceil_mode, count_include_pad", Pooling.AveragePool),
        new("GlobalAveragePool", "2-D", Pooling.GlobalAveragePool),
        new("ReduceMean", "over rows and columns", Pooling.ReduceMean),
        new("BatchNormalization", "at inference, constant parameters", Normalisation.BatchNormalization),
        new("Relu", "any", Activations.Relu),
        new("Clip", "constant bounds", Activations.Clip),
        new("Softmax", "over the classes, last node", Activations.Softmax),
        new("LogSoftmax", "over the classes, last node", Activations.LogSoftmax),
        new("Add", "two tensors of one shape, or a constant per channel", Arithmetic.Add),
        new("Sub", "a constant per channel", Arithmetic.Sub),
        new("Mul", "a constant per channel", Arithmetic.Mul),
        new("Div", "by a constant per channel", Arithmetic.Div),
        new("Gemm", "constant B and C, transA = 0", FullyConnectedLayers.Gemm),
        new("MatMul", "by a constant matrix", FullyConnectedLayers.MatMul),
        new("Concat", "of maps along the channels, of vectors; constants", Joining.Concat),
        new("Slice", "channels, rows, columns; steps of rows and columns", Slicing.Slice),
        new("Pad", "zeros around channels, rows, columns", Slicing.Pad),
        new("Flatten", "axis 1; constants", Reshaping.Flatten),
        new("Reshape", "to [N, F]; constants", Reshaping.Reshape),
        new("Squeeze", "rows and columns of a 1 x 1 map; constants", Reshaping.Squeeze),
        new("Unsqueeze", "a vector to a 1 x 1 map; constants", Reshaping.Unsqueeze),
        new("Transpose", "constants", Reshaping.Transpose),
        new("Identity", "any", Passing.Identity),
        new("Dropout", "at inference", Passing.Dropout),
        new("QuantizeLinear", "8 bits; constant scale and zero point; one of each for an activation", Quantised.QuantizeLinear),
        new("DequantizeLinear", "of what was quantised with the same scale and zero point; constants by tensor or axis", Quantised.DequantizeLinear),
        new("QLinearConv", "as Conv; 8 bits, constant scales and zero points", Quantised.QLinearConv),
        new("QLinearMatMul", "by a constant matrix; 8 bits, constant scales and zero points", Quantised.QLinearMatMul),
        new("Constant", "float32 and integer values", Passing.Constant),
    }.ToFrozenDictionary(op => op.Type, StringComparer.Ordinal);
}
