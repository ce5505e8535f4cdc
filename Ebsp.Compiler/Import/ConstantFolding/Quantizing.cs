namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>
/// QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear, QLinearConv, QLinearMatMul: real = (integer - zero point) * scale, rounded half
/// to even. Divisions by a scale are done in float32, as the specification's examples do.
/// </summary>
internal static class Quantizing
{
    public static HostTensor QuantizeLinear(EvaluatedNode node)
    {
        HostTensor x = node.Input(0), scale = node.Input(1);
        HostTensor? zero = node.Optional(2);
        node.Ignore("saturate", "precision");
        long wanted = node.Int("output_dtype", 0);
        ElementType type = zero?.Type ?? (wanted == 0 ? ElementType.UInt8 : (ElementType)wanted);
        int[] places = Parameters(node, x, scale);
        CheckZero(scale, zero);
        double[] values = x.ToDoubles(), scales = scale.ToDoubles();
        double[]? zeros = zero?.ToDoubles();
        return Saturated(type, x.Dims,
            [.. values.Select((v, i) => Math.Round((double)((float)v / (float)scales[places[i]])) + (zeros?[places[i]] ?? 0))]);
    }

    public static HostTensor DequantizeLinear(EvaluatedNode node)
    {
        HostTensor x = node.Input(0), scale = node.Input(1);
        HostTensor? zero = node.Optional(2);
        long wanted = node.Int("output_dtype", 0);
        int[] places = Parameters(node, x, scale);
        CheckZero(scale, zero);
        double[] values = x.ToDoubles(), scales = scale.ToDoubles();
        double[]? zeros = zero?.ToDoubles();
        ElementType type = wanted == 0 ? scale.Type : (ElementType)wanted;
        return type.IsFloat()
            ? HostTensor.FromDoubles(type, x.Dims, [.. values.Select((v, i) => (v - (zeros?[places[i]] ?? 0)) * scales[places[i]])])
            : throw new NotMappedException($"dequantization to {type.Name()}");
    }

    public static HostTensor[] DynamicQuantizeLinear(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        node.Count(x.Dims);
        double[] values = x.ToDoubles();
        float most = (float)values.Append(0).Max(), least = (float)values.Append(0).Min();
        float scale = (most - least) / 255;
        double zero = scale == 0 ? 0 : Math.Clamp(Math.Round((double)(-least / scale)), 0, 255);
        double[] quantized = [.. values.Select(v => Math.Clamp((scale == 0 ? 0 : Math.Round((double)((float)v / scale))) + zero, 0, 255))];
        return [HostTensor.FromDoubles(ElementType.UInt8, x.Dims, quantized), HostTensor.Of([], [scale]),
            HostTensor.FromDoubles(ElementType.UInt8, [], [zero])];
    }

    public static HostTensor QLinearConv(EvaluatedNode node)
    {
        HostTensor x = node.Input(0), w = node.Input(3);
        HostTensor sums = Convolving.Convolve(node, x, WithoutZero(x, node.Input(2), 1), w, WithoutZero(w, node.Input(5), 0),
            node.Optional(8)?.ToDoubles(), ElementType.Int32);
        return Rescaled(sums, node.Scalar(1, 1), node.Input(4), 1, node.Scalar(6, 1), node.Input(7));
    }

    public static HostTensor QLinearMatMul(EvaluatedNode node)
    {
        HostTensor a = node.Input(0), b = node.Input(3);
        HostTensor sums = Multiplying.Product(node, a, WithoutZero(a, node.Input(2), a.Rank - 2), b,
            WithoutZero(b, node.Input(5), b.Rank - 1), ElementType.Int32);
        return Rescaled(sums, node.Scalar(1, 1), node.Input(4), sums.Rank - 1, node.Scalar(6, 1), node.Input(7));
    }

    /// <summary>The integers of a tensor without their zero point, which is one value or one for each index of an axis.</summary>
    public static double[] WithoutZero(HostTensor x, HostTensor? zero, int axis)
    {
        if (zero is null)
            return x.ToDoubles();
        if (zero.Type != x.Type || zero.Count != 1 && (axis < 0 || axis >= x.Rank || zero.Count != x.Dims[axis]))
            throw new NotMappedException(
                $"a zero point of type {zero.Type.Name()} and shape {zero.DimsText} for {x.Type.Name()} {x.DimsText}");
        double[] zeros = zero.ToDoubles();
        int stride = zero.Count == 1 ? 1 : Places.Strides(x.Dims)[axis];
        return [.. x.ToDoubles().Select((v, i) => v - zeros[i / stride % zeros.Length])];
    }

    private static HostTensor Rescaled(HostTensor sums, double scaleA, HostTensor scaleB, int axis, double scaleY, HostTensor zero)
    {
        double[] scales = scaleB.ToDoubles();
        if (scales.Length != 1 && (axis < 0 || scales.Length != sums.Dims[axis]))
            throw new NotMappedException($"scales of shape {scaleB.DimsText} for {sums.DimsText}");
        int stride = scales.Length == 1 ? 1 : Places.Strides(sums.Dims)[axis];
        double offset = zero.Count == 1
            ? zero.ToDoubles()[0]
            : throw new NotMappedException("a zero point of the result that is not a scalar");
        return Saturated(zero.Type, sums.Dims,
            [.. sums.ToDoubles().Select((v, i) => Math.Round(v * (scaleA * scales[i / stride % scales.Length] / scaleY)) + offset)]);
    }

    private static HostTensor Saturated(ElementType type, int[] dims, double[] values)
    {
        (double least, double most) = type.Range();
        return HostTensor.FromDoubles(type, dims, [.. values.Select(v => Math.Clamp(v, least, most))]);
    }

    /// <summary>Which scale goes with each element: one for all, one for each index of 'axis', or one for each block of it.</summary>
    private static int[] Parameters(EvaluatedNode node, HostTensor x, HostTensor scale)
    {
        long axisOf = node.Int("axis", 1), block = Math.Clamp(node.Int("block_size", 0), 0, int.MaxValue / 2);
        int count = node.Count(x.Dims);
        if (scale.Count == 1 && block == 0)
            return new int[count];
        int axis = OnnxAttributes.Axis(axisOf, x.Rank);
        int[] dims = [.. Enumerable.Repeat(1, x.Rank)];
        dims[axis] = x.Dims[axis];
        if (block == 0 && scale.Rank == 1 && scale.Count == x.Dims[axis])
            return Places.Broadcast(dims, x.Dims, count);
        bool fits = block > 0 && scale.Rank == x.Rank
            && scale.Dims.Where((dim, i) => dim != (i == axis ? (x.Dims[i] + block - 1) / block : x.Dims[i])).ToArray() is [];
        if (!fits)
            throw new NotMappedException($"scales of shape {scale.DimsText} for {x.DimsText}");
        int[] strides = Places.Strides(scale.Dims);
        return Places.Of([.. x.Dims.Select((dim, i) =>
            Enumerable.Range(0, dim).Select(index => (i == axis ? index / (int)block : index) * strides[i]).ToArray())], count);
    }

    private static void CheckZero(HostTensor scale, HostTensor? zero)
    {
        if (zero is not null && zero.Count != scale.Count)
            throw new NotMappedException($"a zero point of shape {zero.DimsText} for scales of shape {scale.DimsText}");
    }
}
