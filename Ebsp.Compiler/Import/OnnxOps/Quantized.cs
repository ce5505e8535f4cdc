using System.Globalization;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>
/// QuantizeLinear, DequantizeLinear, QLinearConv, QLinearMatMul of activations: one that is quantized and dequantized becomes a
/// <see cref="QuantizeDequantize"/>. Constants that were dequantized remember their grid (<see cref="OnnxGrid"/>).
/// </summary>
internal static class Quantized
{
    public static void QuantizeLinear(OnnxNode node)
    {
        node.Ignore("saturate", "precision");
        long type = node.Int("output_dtype", 0);
        node.EmitStored(Read(node, 1, 2, type == 0 ? ElementType.UInt8 : (ElementType)type).OfActivation(), node.Activation(0));
    }

    public static void DequantizeLinear(OnnxNode node)
    {
        node.Ignore("output_dtype");
        node.Forward(Stored(node, 0, 1, 2) with { Stored = null });
    }

    public static void QLinearConv(OnnxNode node)
    {
        ActivationValue input = Stored(node, 0, 1, 2);
        MapValue map = node.MapData(0);
        OnnxConstant weights = Read(node, 4, 5, node.Constant(3).Tensor.Type, axis: 0).Dequantize(node.Constant(3));
        float[]? bias = null;
        if (node.HasInput(8))
        {
            // The bias is int32 in units of the accumulator.
            float[] units = weights.Grid!.Steps;
            bias = [.. node.Integers(8)
                .Select((b, k) => (float)(b * ((double)input.Stored!.Scale * units[units.Length == 1 ? 0 : k % units.Length])))];
        }

        Conv conv = Convolution.Read(node, map, weights, bias);
        QuantizeDequantize output = Read(node, 6, 7, ElementType.UInt8).OfActivation();
        node.EmitStored(output, node.Step(conv, "real", map.LayoutOf, map.Value with { Stored = null }));
    }

    public static void QLinearMatMul(OnnxNode node)
    {
        ActivationValue input = Stored(node, 0, 1, 2);
        if (input.Rank != 2)
            throw new NotMappedException("input 0 is not a tensor of 2 dimensions");
        OnnxConstant matrix = Read(node, 4, 5, node.Constant(3).Tensor.Type, axis: 1).Dequantize(node.Constant(3));
        (Ir.Op op, AxisLayout layout) = FullyConnectedLayers.Over(FullyConnectedLayers.Read(matrix, isTransposed: false, 1), input, 1);
        QuantizeDequantize output = Read(node, 6, 7, ElementType.UInt8).OfActivation();
        node.EmitStored(output, node.Step(op, "real", _ => layout, input));
    }

    /// <summary>An activation that was quantized with the scale and zero point that the node names.</summary>
    private static ActivationValue Stored(OnnxNode node, int index, int scale, int zeroPoint)
    {
        ActivationValue input = node.Data(index);
        if (input.Stored is not { } stored)
            throw new NotMappedException($"input {index} was not made by a QuantizeLinear or a quantized layer");
        return Read(node, scale, zeroPoint, stored.Minimum == 0 ? ElementType.UInt8 : ElementType.Int8).OfActivation() == stored
            ? input
            : throw new NotMappedException("another scale or zero point than the tensor was quantized with");
    }

    private static Steps Read(OnnxNode node, int scaleIndex, int zeroIndex, ElementType absentType, int? axis = null)
    {
        if (axis is null)
        {
            // With one scale the axis says nothing.
            node.Ignore("axis");
            if (node.Int("block_size", 0) != 0)
                throw new NotMappedException("scales by block");
        }

        float[] scales = node.Floats(scaleIndex);
        if (scales.Length == 0 || !scales.All(scale => scale > 0 && float.IsFinite(scale)))
            throw new NotMappedException("a scale that is not positive and finite");
        OnnxConstant? zero = node.HasInput(zeroIndex) ? node.Constant(zeroIndex) : null;
        long[] zeros = zero is null ? [0] : node.Integers(zeroIndex);
        ElementType type = zero?.Tensor.Type ?? absentType;
        if (type is not (ElementType.UInt8 or ElementType.Int8))
            throw new NotMappedException($"integers of type {type.Name()}");
        return zeros.Length == 1 || zeros.Length == scales.Length ? new Steps(scales, zeros, axis ?? 0, type)
            : throw new NotMappedException(
                string.Create(CultureInfo.InvariantCulture, $"{zeros.Length} zero points for {scales.Length} scale(s)"));
    }

    /// <summary>Scales and zero points of a tensor: real = (integer - zero point) * scale, one pair, or one for each index of an
    /// axis.</summary>
    private sealed record Steps(float[] Scales, long[] Zeros, int Axis, ElementType Type)
    {
        public QuantizeDequantize OfActivation()
        {
            if (Scales.Length != 1 || Zeros.Length != 1)
                throw new NotMappedException("an activation with more than one scale");
            (double least, double most) = Type.Range();
            return new QuantizeDequantize(Scales[0], (int)Zeros[0], (int)least, (int)most);
        }

        public OnnxConstant Dequantize(OnnxConstant constant)
        {
            if (constant.Integers is not { } integers || constant.Tensor.Type != Type)
                throw new NotMappedException("a constant and a zero point of different types");
            if (Scales.Length != 1 && (Axis >= constant.Dims.Length || constant.Dims[Axis] != Scales.Length))
                throw new NotMappedException(
                    string.Create(CultureInfo.InvariantCulture, $"{Scales.Length} scales along axis {Axis} of {constant.DimsText}"));
            int inner = 1;
            foreach (int dim in constant.Dims.AsSpan(Math.Min(Axis + 1, constant.Dims.Length)))
                inner *= dim;
            float[] values = new float[integers.Length];
            for (int i = 0; i < values.Length; i++)
            {
                int index = i / inner % Scales.Length;
                values[i] = (integers[i] - Zeros[Zeros.Length == 1 ? 0 : index]) * Scales[index];
            }

            return new OnnxConstant(constant.Dims, values) { Grid = new OnnxGrid(Scales, Axis) };
        }
    }
}
