using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>
/// QuantizeLinear, DequantizeLinear, QLinearConv, QLinearMatMul. Constants become floats that remember their grid; an activation that
/// is quantised and dequantised becomes one <see cref="QuantizeDequantize"/>.
/// </summary>
internal static class Quantised
{
    private const int UInt8 = 2, Int8 = 3, Int32 = 6;

    public static void QuantizeLinear(OnnxNode node)
    {
        node.Ignore("saturate");
        int absent = (int)node.Int("output_dtype", 0);
        Steps steps = Read(node, 1, 2, absent == 0 ? UInt8 : absent);
        if (node.Input(0) is ConstantValue { Constant: { } constant })
        {
            long[] integers = [.. node.Floats(0).Select((x, i) => steps.Integer(x, steps.IndexOf(constant, i)))];
            node.Fold(new OnnxConstant(constant.Dims, integers) { ElementType = steps.Type });
            return;
        }

        node.EmitStored(steps.OfActivation(), node.Activation(0));
    }

    public static void DequantizeLinear(OnnxNode node)
    {
        node.Ignore("output_dtype");
        if (node.Input(0) is ConstantValue { Constant: { } constant })
        {
            node.Fold(Read(node, 1, 2, constant.ElementType).Dequantise(constant));
            return;
        }

        ActivationValue input = Stored(node, 0, 1, 2);
        node.Forward(input with { Stored = null });
    }

    public static void QLinearConv(OnnxNode node)
    {
        ActivationValue input = Stored(node, 0, 1, 2);
        node.MapData(0);
        OnnxConstant weights = Read(node, 4, 5, node.Constant(3).ElementType, axis: 0).Dequantise(node.Constant(3));
        float[]? bias = null;
        if (node.HasInput(8))
        {
            // The bias is int32 in units of the accumulator.
            float[] units = weights.Grid!.Steps;
            bias = [.. node.Integers(8).Select((b, k) => (float)(b * ((double)input.Stored!.Scale * units[units.Length == 1 ? 0 : k])))];
        }

        Conv conv = Convolution.Read(node, input, weights, bias);
        QuantizeDequantize output = Read(node, 6, 7, UInt8).OfActivation();
        node.EmitStored(output, node.EmitBefore(conv, isFlat: false, input));
    }

    public static void QLinearMatMul(OnnxNode node)
    {
        ActivationValue input = Stored(node, 0, 1, 2);
        if (!input.IsFlat)
            throw new NotMappedException("input 0 is not a tensor of 2 dimensions");
        OnnxConstant matrix = Read(node, 4, 5, node.Constant(3).ElementType, axis: 1).Dequantise(node.Constant(3));
        FullyConnected full = FullyConnectedLayers.Read(matrix, isTransposed: false, 1);
        QuantizeDequantize output = Read(node, 6, 7, UInt8).OfActivation();
        node.EmitStored(output, node.EmitBefore(full, isFlat: true, input));
    }

    /// <summary>An activation that was quantised with the scale and zero point that the node names.</summary>
    private static ActivationValue Stored(OnnxNode node, int index, int scale, int zeroPoint)
    {
        ActivationValue input = node.Data(index);
        if (input.Stored is not { } stored)
            throw new NotMappedException($"input {index} was not made by a QuantizeLinear or a quantised layer");
        return Read(node, scale, zeroPoint, stored.Minimum == 0 ? UInt8 : Int8).OfActivation() == stored
            ? input
            : throw new NotMappedException("another scale or zero point than the tensor was quantised with");
    }

    private static Steps Read(OnnxNode node, int scaleIndex, int zeroIndex, int absentType, int? axis = null)
    {
        if (axis is null && node.Int("block_size", 0) != 0)
            throw new NotMappedException("scales by block");
        float[] scales = node.Floats(scaleIndex);
        if (scales.Length == 0 || !scales.All(scale => scale > 0 && float.IsFinite(scale)))
            throw new NotMappedException("a scale that is not positive and finite");
        long[] zeros = [0];
        int type = absentType;
        if (node.HasInput(zeroIndex))
        {
            zeros = node.Integers(zeroIndex);
            type = node.Constant(zeroIndex).ElementType;
        }

        if (type is not (UInt8 or Int8 or Int32) || (zeros.Length != 1 && zeros.Length != scales.Length))
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"{zeros.Length} zero point(s) of element type {type} for {scales.Length} scale(s)"));
        Steps steps = new(scales, zeros, (int)(axis ?? Math.Clamp(node.Int("axis", 1), int.MinValue, int.MaxValue)), type);
        return zeros.All(zero => zero >= steps.Minimum && zero <= steps.Maximum) ? steps : throw new NotMappedException("a zero point beyond its type");
    }

    /// <summary>Scales and zero points of a tensor: real = (integer - zero point) * scale, one pair, or one for each index of an axis.</summary>
    private sealed record Steps(float[] Scales, long[] Zeros, int Axis, int Type)
    {
        public int Minimum => Type switch { UInt8 => 0, Int8 => sbyte.MinValue, _ => 0 };

        public int Maximum => Type switch { UInt8 => byte.MaxValue, Int8 => sbyte.MaxValue, _ => 0 };

        public QuantizeDequantize OfActivation() => Scales.Length == 1 && Type != Int32
            ? new QuantizeDequantize(Scales[0], (int)Zeros[0], Minimum, Maximum)
            : throw new NotMappedException("an activation with more than one scale, or of other than 8 bits");

        public long Integer(float x, int index) => Type == Int32
            ? throw new NotMappedException("a quantisation to int32")
            : (long)Math.Clamp(MathF.Round(x / Scales[index]) + Zero(index), Minimum, Maximum);

        public OnnxConstant Dequantise(OnnxConstant constant)
        {
            if (constant.Integers is not { } integers || constant.ElementType != Type)
                throw new NotMappedException("a constant and a zero point of different types");
            float[] values = new float[integers.Length];
            for (int i = 0; i < values.Length; i++)
            {
                int index = IndexOf(constant, i);
                values[i] = (integers[i] - Zero(index)) * Scales[index];
            }

            return new OnnxConstant(constant.Dims, values) { Grid = Type == Int32 ? null : new OnnxGrid(Scales, Axis < 0 ? Axis + constant.Dims.Length : Axis) };
        }

        /// <summary>Which scale an element has.</summary>
        public int IndexOf(OnnxConstant constant, int element)
        {
            if (Scales.Length == 1)
                return 0;
            int axis = Axis < 0 ? Axis + constant.Dims.Length : Axis;
            if (axis < 0 || axis >= constant.Dims.Length || constant.Dims[axis] != Scales.Length)
                throw new NotMappedException($"{Scales.Length} scales along axis {Axis} of {constant.DimsText}");
            int inner = 1;
            foreach (int dim in constant.Dims.AsSpan(axis + 1))
                inner *= dim;
            return element / inner % Scales.Length;
        }

        private long Zero(int index) => Zeros[Zeros.Length == 1 ? 0 : index];
    }
}
