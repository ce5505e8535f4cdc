using System.Collections.Frozen;
using Ebsp.Compiler.Import.OnnxOps;

namespace Ebsp.Compiler.Import;

/// <summary>One ONNX operator that maps.</summary>
/// <param name="Type">Its name.</param>
/// <param name="Form">The forms that map, in a few words.</param>
/// <param name="Import">Maps a node, or throws <see cref="NotMappedException"/>.</param>
/// <param name="Becomes">Operations of the graph that it becomes (docs/ir.md); null where they have its name.</param>
/// <param name="HasParts">Whether its code makes all of its outputs.</param>
internal sealed record OnnxOperator(string Type, string Form, Action<OnnxNode> Import, string? Becomes = null, bool HasParts = false);

/// <summary>The table of operators of the domain ai.onnx that map. Nodes of constants alone are computed:
/// Evaluation/OnnxEvaluators.cs.</summary>
internal static class OnnxOperators
{
    /// <summary>Oldest operator set.</summary>
    public const int MinOpset = 6;

    /// <summary>Newest operator set.</summary>
    public const int MaxOpset = 27;

    private const string Reduced = "over whole rows, columns, channels or several of these";
    private const string TwoOrConstant =
        "two tensors of one shape, or a constant per channel; one per element before a fully connected layer";
    private const string Cut =
        "where what reads it finds channels, rows and columns, or the whole image before a fully connected layer";

    // Functions of one value with a row of their own.
    private static readonly string[] Own = ["Relu", "LeakyRelu", "Elu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh"];

    /// <summary>By name.</summary>
    public static FrozenDictionary<string, OnnxOperator> All { get; } = ((OnnxOperator[])
    [
        new("Conv", "1-D, 2-D; weights and bias constant; groups, strides, dilations, pads, auto_pad", Convolution.Conv),
        new("SpaceToDepth", "any block up to 16", Convolution.SpaceToDepth, "Conv whose weights choose pixels"),
        new("ConvTranspose", "1-D, 2-D; weights and bias constant; groups, strides, dilations, pads, auto_pad, output_padding, " +
            "output_shape",
            TransposedConvolution.ConvTranspose, "Conv for each phase of the strides, Assemble"),
        new("DepthToSpace", "blocks up to 16, DCR and CRD", Resizing.DepthToSpace, "Slice or Conv 1x1, Assemble"),
        new("Resize", "rows and columns; nearest by whole factors and by 1 over them; linear by whole factors, corners not aligned",
            Resizing.Resize, "Assemble, Slice; linear Conv for each phase, Assemble"),
        new("Upsample", "as Resize", Resizing.Upsample, "as Resize"),
        new("MaxPool", "1-D, 2-D; strides, dilations, pads, auto_pad, ceil_mode; the values alone", Pooling.MaxPool),
        new("AveragePool", "1-D, 2-D; strides, dilations, pads, auto_pad, ceil_mode, count_include_pad", Pooling.AveragePool,
            "AveragePool; with ceil_mode and count_include_pad after a Pad"),
        new("GlobalMaxPool", "1-D, 2-D", Pooling.GlobalMaxPool, "MaxPool"),
        new("GlobalAveragePool", "1-D, 2-D", Pooling.GlobalAveragePool, "AveragePool"),
        new("GlobalLpPool", "1-D, 2-D; p of 1 or 2", Reducing.GlobalLpPool, "PointFunction, AveragePool, ChannelAffine"),
        new("ReduceMean", Reduced, Reducing.Mean, "AveragePool, Conv 1x1 over the channels"),
        new("ReduceSum", Reduced, Reducing.Sum, "AveragePool and ChannelAffine, Conv 1x1 over the channels"),
        new("ReduceMax", "over all rows or columns or both", Reducing.Max, "MaxPool"),
        new("ReduceMin", "over all rows or columns or both", Reducing.Min, "PointFunction, MaxPool"),
        new("ReduceL1", Reduced, Reducing.L1, "PointFunction, then as ReduceSum"),
        new("ReduceL2", Reduced, Reducing.L2, "PointFunction, then as ReduceSum, PointFunction"),
        new("ReduceSumSquare", Reduced, Reducing.SumSquare, "PointFunction, then as ReduceSum"),
        new("BatchNormalization", "at inference, constant parameters", Normalization.BatchNormalization, "ChannelAffine"),
        new("Relu", "any", Activations.Relu, "Clamp"),
        new("Clip", "constant bounds", Activations.Clip, "Clamp"),
        new("LeakyRelu", "any", PointFunctions.LeakyRelu, "PointFunction"),
        new("PRelu", "a slope, or one a channel, constant", PointFunctions.PRelu, "PointFunction; for channels Clamp, ChannelAffine, Add"),
        new("Elu", "any", PointFunctions.Elu, "PointFunction"),
        new("Sigmoid", "any", PointFunctions.Sigmoid, "PointFunction"),
        new("HardSigmoid", "any", PointFunctions.HardSigmoid, "PointFunction"),
        new("HardSwish", "any", PointFunctions.HardSwish, "PointFunction"),
        new("Tanh", "any", PointFunctions.Tanh, "PointFunction"),
        new("Pow", "by a constant number, or of one", PointFunctions.Pow, "PointFunction"),
        .. PointFormulas.All.Keys.Except(Own).Order(StringComparer.Ordinal)
            .Select(type => new OnnxOperator(type, "any", PointFunctions.Of(type), "PointFunction")),
        new("LRN", "of maps, windows of at most 255 channels", Normalization.Lrn, "LocalResponseNorm, by the host between layers"),
        new("ArgMax", "over the channels of each pixel, last node of an output", Activations.ArgMax, "ArgMax, by the host"),
        new("Softmax", "over the channels of each pixel, last node of an output", Activations.Softmax, "Softmax, by the host"),
        new("LogSoftmax", "over the channels of each pixel, last node of an output", Activations.LogSoftmax, "LogSoftmax, by the host"),
        new("LpNormalization", "over the channels of each pixel, p of 1 or 2, last node of an output", Activations.LpNormalization,
            "Normalize, by the host"),
        new("Add", TwoOrConstant, Arithmetic.Add, "Add, ChannelAffine"),
        new("Sum", "tensors of one shape, or one and a constant", Arithmetic.Sum, "Add, one fewer than tensors"),
        new("Sub", TwoOrConstant, Arithmetic.Sub, "Subtract, ChannelAffine"),
        new("Mul", $"{TwoOrConstant}; a map and a tensor C x 1 x 1", Arithmetic.Mul, "Multiply, ChannelAffine"),
        new("Div", "by a constant, of a constant number", Arithmetic.Div, "ChannelAffine, PointFunction"),
        new("Max", "tensors of one shape, or one and a constant per channel", Arithmetic.Max, "Clamp; for tensors Subtract, Clamp, Add"),
        new("Min", "tensors of one shape, or one and a constant per channel", Arithmetic.Min,
            "Clamp; for tensors Subtract, Clamp, Subtract"),
        new("Gemm", "constant B and C, transA = 0", FullyConnectedLayers.Gemm, "FullyConnected, Conv 1x1"),
        new("MatMul", "by a constant matrix, over the whole image or its channels", FullyConnectedLayers.MatMul,
            "FullyConnected, Conv 1x1"),
        new("Concat", "along channels, rows, columns; of new axes around the channels", Joining.Concat,
            "Concat; along rows and columns Assemble"),
        new("Tile", "of one axis: channels, rows or columns", Joining.Tile, "as Concat"),
        new("Slice", "channels, rows, columns; steps", Slicing.Slice, "Slice; channels by steps Conv 1x1"),
        new("Split", "channels, rows, columns", Slicing.Split, "Slice", HasParts: true),
        new("Gather", "constant indices of channels; of rows or columns in even steps", Slicing.Gather, "Slice; Conv 1x1"),
        new("Pad", "zeros around channels, rows, columns; of rows and columns a constant, edge, reflect", Padding.Pad,
            "Pad; edge and reflect Slice, Pad, Add; a constant ChannelAffine around it"),
        new("Flatten", "any", Reshaping.Flatten, "nothing"),
        new("Reshape", Cut, Reshaping.Reshape, "nothing"),
        new("Squeeze", "axes of 1", Reshaping.Squeeze, "nothing"),
        new("Unsqueeze", "any", Reshaping.Unsqueeze, "nothing"),
        new("Transpose", $"{Cut}", Reshaping.Transpose, "nothing; a shuffle of the channels: Conv 1x1 whose weights are a permutation"),
        new("QuantizeLinear", "8 bits, a constant scale and zero point", Quantized.QuantizeLinear, "QuantizeDequantize"),
        new("DequantizeLinear", "of what was quantized with the same scale and zero point", Quantized.DequantizeLinear, "nothing"),
        new("QLinearConv", "as Conv; 8 bits, constant scales and zero points", Quantized.QLinearConv, "Conv, QuantizeDequantize"),
        new("QLinearMatMul", "by a constant matrix; 8 bits, constant scales and zero points", Quantized.QLinearMatMul,
            "FullyConnected, QuantizeDequantize"),
        new("Identity", "any", Passing.Identity, "nothing"),
        new("Dropout", "at inference", Passing.Dropout, "nothing"),
        new("Cast", "to float types; an input of integers first thing", Passing.Cast, "nothing"),
        new("Shape", "any; the batch size stays open", Passing.Shape, "a constant"),
    ]).ToFrozenDictionary(op => op.Type, StringComparer.Ordinal);
}
