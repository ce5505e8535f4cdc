namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>ReduceMean, ArgMax, Softmax, LogSoftmax.</summary>
internal static class Reducing
{
    public static HostTensor ReduceMean(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        // Operator set 18 made the axes an input.
        long[]? axes = node.Opset >= 18 ? node.Integers(1) : node.Ints("axes");
        bool keeps = node.Int("keepdims", 1) != 0, noneMeansNone = node.Int("noop_with_empty_axes", 0) != 0;
        if (axes is null or [] && noneMeansNone)
            return x;
        int[] gone = axes is null or [] ? [.. Enumerable.Range(0, x.Rank)] : [.. axes.Select(axis => OnnxAttributes.Axis(axis, x.Rank))];
        int[] kept = [.. x.Dims.Select((dim, axis) => gone.Contains(axis) ? 1 : dim)];
        double[] sums = node.Doubles(kept), values = x.ToDoubles();
        int[] places = Places.Broadcast(kept, x.Dims, node.Count(x.Dims));
        for (int i = 0; i < values.Length; i++)
            sums[places[i]] += values[i];
        double count = sums.Length == 0 ? 1 : (double)values.Length / sums.Length;
        int[] dims = keeps ? kept : [.. x.Dims.Where((_, axis) => !gone.Contains(axis))];
        return HostTensor.FromDoubles(x.Type, dims, [.. sums.Select(sum => sum / count)]);
    }

    /// <summary>Any other reduction: what each value is folded in as, and what becomes of the result.</summary>
    public static Func<EvaluatedNode, HostTensor> Of(double start, Func<double, double, double> fold, Func<double,
        double>? end = null) => node =>
    {
        HostTensor x = node.Input(0);
        // Operator set 18 made the axes an input, of ReduceSum 13.
        long[]? axes = node.Integers(1) ?? node.Ints("axes");
        bool keeps = node.Int("keepdims", 1) != 0, noneMeansNone = node.Int("noop_with_empty_axes", 0) != 0;
        int[] gone = axes is { Length: > 0 } ? [.. axes.Select(axis => OnnxAttributes.Axis(axis, x.Rank))]
            : noneMeansNone ? [] : [.. Enumerable.Range(0, x.Rank)];
        int[] kept = [.. x.Dims.Select((dim, axis) => gone.Contains(axis) ? 1 : dim)];
        double[] folded = node.Doubles(kept), values = x.ToDoubles();
        Array.Fill(folded, start);
        int[] places = Places.Broadcast(kept, x.Dims, node.Count(x.Dims));
        for (int i = 0; i < values.Length; i++)
            folded[places[i]] = fold(folded[places[i]], values[i]);
        return HostTensor.FromDoubles(x.Type, keeps ? kept : [.. x.Dims.Where((_, axis) => !gone.Contains(axis))],
            end is null ? folded : Array.ConvertAll(folded, value => end(value)));
    };

    public static HostTensor ArgMax(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        int axis = OnnxAttributes.Axis(node.Int("axis", 0), x.Rank);
        bool keeps = node.Int("keepdims", 1) != 0, takesLast = node.Int("select_last_index", 0) != 0;
        int[] kept = [.. x.Dims];
        kept[axis] = 1;
        double[] indices = node.Doubles(kept), values = x.ToDoubles();
        ForEachVector(x, axis, 1, (vector, first, stride) =>
        {
            int best = 0;
            for (int i = 1; i < x.Dims[axis]; i++)
            {
                double value = values[first + i * stride], largest = values[first + best * stride];
                if (value > largest || takesLast && value == largest)
                    best = i;
            }

            indices[vector] = best;
        });
        return HostTensor.FromDoubles(ElementType.Int64, keeps ? kept : [.. x.Dims.Where((_, i) => i != axis)], indices);
    }

    public static HostTensor Softmax(EvaluatedNode node) => OverClasses(node, (x, largest, sum) => Math.Exp(x - largest) / sum);

    public static HostTensor LogSoftmax(EvaluatedNode node) => OverClasses(node, (x, largest, sum) => x - largest - Math.Log(sum));

    private static HostTensor OverClasses(EvaluatedNode node, Func<double, double, double, double> function)
    {
        HostTensor x = node.Input(0);
        // Before operator set 13 everything from the axis on was one vector.
        int axis = OnnxAttributes.Axis(node.Int("axis", node.Opset >= 13 ? -1 : 1), x.Rank);
        int axes = node.Opset >= 13 ? 1 : x.Rank - axis;
        double[] values = x.ToDoubles(), result = node.Doubles(x.Dims);
        int classes = x.Dims[axis..(axis + axes)].Aggregate(1, (product, dim) => product * dim);
        ForEachVector(x, axis, axes, (_, first, stride) =>
        {
            double largest = double.NegativeInfinity, sum = 0;
            for (int i = 0; i < classes; i++)
                largest = Math.Max(largest, values[first + i * stride]);
            for (int i = 0; i < classes; i++)
                sum += Math.Exp(values[first + i * stride] - largest);
            for (int i = 0; i < classes; i++)
                result[first + i * stride] = function(values[first + i * stride], largest, sum);
        });
        return HostTensor.FromDoubles(x.Type, x.Dims, result);
    }

    /// <summary>Calls with the number, first place and stride of each vector along some axes that follow each other.</summary>
    private static void ForEachVector(HostTensor x, int axis, int axes, Action<int, int, int> action)
    {
        int stride = x.Dims[(axis + axes)..].Aggregate(1, (product, dim) => product * dim);
        int length = x.Dims[axis..(axis + axes)].Aggregate(1, (product, dim) => product * dim);
        for (int vector = 0; length > 0 && vector < x.Count / length; vector++)
            action(vector, vector / stride * stride * length + vector % stride, stride);
    }
}
