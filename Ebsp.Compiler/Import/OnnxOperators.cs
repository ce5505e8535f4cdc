using System.Collections.Frozen;
using Ebsp.Compiler.Import.OnnxOps;

namespace Ebsp.Compiler.Import;

/// <summary>One ONNX operator that maps.</summary>
/// <param name="Type">Its name.</param>
/// <param name="Form">The forms that map, in a few words.</param>
/// <param name="Import">Maps a node, or throws <see cref="NotMappedException"/>.</param>
/// <param name="Becomes">Operations of the graph that it becomes (docs/ir.md); null where they have its name.</param>
internal sealed record OnnxOperator(string Type, string Form, Action<OnnxNode> Import, string? Becomes = null);

/// <summary>The table of operators of the domain ai.onnx that map. Nodes of constants alone are computed:
/// Evaluation/OnnxEvaluators.cs.</summary>
internal static class OnnxOperators
{
    /// <summary>Oldest operator set.</summary>
    public const int MinOpset = 6;

    /// <summary>Newest operator set.</summary>
    public const int MaxOpset = 27;

    /// <summary>By name.</summary>
    public static FrozenDictionary<string, OnnxOperator> All { get; } = new OnnxOperator[]
    {
        new("Conv", "1-D, 2-D; weights and bias constant; groups, strides, dilations, pads, auto_pad", Convolution.Conv),
        new("MaxPool", "1-D, 2-D; strides, dilations, pads, auto_pad, ceil_mode; the values alone", Pooling.MaxPool),
        new("AveragePool", "1-D, 2-D; strides, dilations, pads, auto_pad, ceil_mode, count_include_pad", Pooling.AveragePool,
            "AveragePool; with ceil_mode and count_include_pad after a Pad"),
        new("GlobalMaxPool", "1-D, 2-D", Pooling.GlobalMaxPool, "MaxPool"),
        new("GlobalAveragePool", "1-D, 2-D", Pooling.GlobalAveragePool, "AveragePool"),
        new("ReduceMean", "over all rows and columns", Pooling.ReduceMean, "AveragePool"),
        new("BatchNormalization", "at inference, constant parameters", Normalization.BatchNormalization, "ChannelAffine"),
        new("Relu", "any", Activations.Relu, "Clamp"),
        new("Clip", "constant bounds", Activations.Clip, "Clamp"),
        new("LeakyRelu", "any", PointFunctions.LeakyRelu, "PointFunction"),
        new("PRelu", "one slope, constant", PointFunctions.PRelu, "PointFunction"),
        new("Elu", "any", PointFunctions.Elu, "PointFunction"),
        new("Sigmoid", "any", PointFunctions.Sigmoid, "PointFunction"),
        new("HardSigmoid", "any", PointFunctions.HardSigmoid, "PointFunction"),
        new("HardSwish", "any", PointFunctions.HardSwish, "PointFunction"),
        new("Tanh", "any", PointFunctions.Tanh, "PointFunction"),
        new("LRN", "of maps, windows of at most 255 channels", Normalization.Lrn, "LocalResponseNorm, by the host between layers"),
        new("ArgMax", "over the classes, last node", Activations.ArgMax, "ArgMax, by the host"),
        new("Softmax", "over the classes, last node", Activations.Softmax, "Softmax, by the host"),
        new("LogSoftmax", "over the classes, last node", Activations.LogSoftmax, "LogSoftmax, by the host"),
        new("Add", "two tensors of one shape, or a constant per channel", Arithmetic.Add, "Add, ChannelAffine"),
        new("Sum", "tensors of one shape", Arithmetic.Sum, "Add, one fewer than tensors"),
        new("Sub", "two tensors of one shape, or a constant per channel", Arithmetic.Sub, "Subtract, ChannelAffine"),
        new("Mul", "two tensors of one shape, a map and a tensor C x 1 x 1, or a constant per channel", Arithmetic.Mul,
            "Multiply, ChannelAffine"),
        new("Div", "by a constant per channel", Arithmetic.Div, "ChannelAffine"),
        new("Gemm", "constant B and C, transA = 0", FullyConnectedLayers.Gemm, "FullyConnected"),
        new("MatMul", "by a constant matrix", FullyConnectedLayers.MatMul, "FullyConnected"),
        new("Concat", "of maps along the channels, of vectors", Joining.Concat),
        new("Slice", "channels, rows, columns; steps of rows and columns", Slicing.Slice),
        new("Pad", "zeros around channels, rows, columns", Slicing.Pad),
        new("Flatten", "axis 1", Reshaping.Flatten, "nothing"),
        new("Reshape", "that keeps the batch", Reshaping.Reshape, "nothing"),
        new("Squeeze", "named axes of 1", Reshaping.Squeeze, "nothing"),
        new("Unsqueeze", "behind the batch", Reshaping.Unsqueeze, "nothing"),
        new("Transpose", "axes of 1; [N,H,W,C] to [N,C,H,W] at the input; within the channels (a channel shuffle)", Reshaping.Transpose,
            "nothing; a shuffle: Conv 1x1 whose weights are a permutation"),
        new("QuantizeLinear", "8 bits, a constant scale and zero point", Quantized.QuantizeLinear, "QuantizeDequantize"),
        new("DequantizeLinear", "of what was quantized with the same scale and zero point", Quantized.DequantizeLinear, "nothing"),
        new("QLinearConv", "as Conv; 8 bits, constant scales and zero points", Quantized.QLinearConv, "Conv, QuantizeDequantize"),
        new("QLinearMatMul", "by a constant matrix; 8 bits, constant scales and zero points", Quantized.QLinearMatMul,
            "FullyConnected, QuantizeDequantize"),
        new("Identity", "any", Passing.Identity, "nothing"),
        new("Dropout", "at inference", Passing.Dropout, "nothing"),
        new("Cast", "to float32", Passing.Cast, "nothing"),
        new("Shape", "any; the batch size stays open", Passing.Shape, "a constant"),
    }.ToFrozenDictionary(op => op.Type, StringComparer.Ordinal);
}
