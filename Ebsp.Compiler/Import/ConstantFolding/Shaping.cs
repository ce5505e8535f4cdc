using System.Globalization;

namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>Values under other dimensions, constants, casts: Reshape, Flatten, Squeeze, Unsqueeze, Identity, Dropout, Constant,
/// ConstantOfShape, Shape, Cast.</summary>
internal static class Shaping
{
    public static HostTensor Reshape(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        return x.With(Target(x.Dims, node.Integers(1) ?? throw new NotMappedException("no shape"), node.Int("allowzero", 0) != 0));
    }

    public static HostTensor Flatten(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        long axis = node.Int("axis", 1);
        int split = axis == x.Rank ? x.Rank : OnnxAttributes.Axis(axis, x.Rank);
        return x.With([Product(x.Dims[..split]), Product(x.Dims[split..])]);
    }

    public static HostTensor Squeeze(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        int[] gone = Axes(node) is { } axes
            ? [.. axes.Select(axis => OnnxAttributes.Axis(axis, x.Rank))]
            : [.. Enumerable.Range(0, x.Rank).Where(axis => x.Dims[axis] == 1)];
        return gone.All(axis => x.Dims[axis] == 1)
            ? x.With([.. x.Dims.Where((_, axis) => !gone.Contains(axis))])
            : throw new NotMappedException("axes that are not 1");
    }

    public static HostTensor Unsqueeze(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        long[] axes = Axes(node) ?? throw new NotMappedException("no axes");
        int rank = x.Rank + axes.Length;
        int[] places = [.. axes.Select(axis => OnnxAttributes.Axis(axis, rank)).Distinct().Order()];
        if (rank > HostTensor.MaxRank || places.Length != axes.Length)
            throw new NotMappedException("more than 8 dimensions, or an axis twice");
        List<int> dims = [.. x.Dims];
        foreach (int place in places)
            dims.Insert(place, 1);
        return x.With([.. dims]);
    }

    public static HostTensor Identity(EvaluatedNode node) => node.Input(0);

    public static HostTensor[] Dropout(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        node.Ignore("ratio", "seed");
        if (node.Opset < 7 && node.Int("is_test", 0) == 0 || node.Scalar(2, 0) != 0)
            throw new NotMappedException("training_mode is set");
        return node.OutputCount < 2 ? [x]
            : [x, HostTensor.FromDoubles(node.Opset >= 10 ? ElementType.Bool : x.Type, x.Dims,
                [.. Enumerable.Repeat(1.0, node.Count(x.Dims))])];
    }

    public static HostTensor Constant(EvaluatedNode node) => node.Tensor("value")
        ?? (node.FloatList("value_floats") is { } floats ? HostTensor.Of([floats.Length], floats) : null)
        ?? (node.Ints("value_ints") is { } integers ? HostTensor.Of([integers.Length], integers) : null)
        ?? (node.Has("value_float") ? HostTensor.Of([], [node.Float("value_float", 0)]) : null)
        ?? (node.Has("value_int") ? HostTensor.Of([], [node.Int("value_int", 0)]) : null)
        ?? throw new NotMappedException("a constant that is neither a tensor nor a number");

    public static HostTensor ConstantOfShape(EvaluatedNode node)
    {
        int[] dims = Target([], node.Integers(0) ?? throw new NotMappedException("no shape"), allowsZero: true, count: null);
        HostTensor value = node.Tensor("value") ?? HostTensor.Of([1], [0f]);
        return value.Count == 1 ? value.Repeat(dims, node.Count(dims)) : throw new NotMappedException("a value that is not one number");
    }

    public static HostTensor Shape(EvaluatedNode node) => Shape(node, [.. node.Input(0).Dims.Select(dim => (long)dim)]);

    /// <summary>The dimensions between the attributes 'start' and 'end'.</summary>
    public static HostTensor Shape(OnnxAttributes node, long[] dims)
    {
        int first = Clamp(node.Int("start", 0)), behind = Clamp(node.Int("end", dims.Length));
        long[] part = dims[first..Math.Max(first, behind)];
        return HostTensor.Of([part.Length], part);

        int Clamp(long index) => (int)Math.Clamp(index < 0 ? index + dims.Length : index, 0, dims.Length);
    }

    public static HostTensor Cast(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        ElementType type = (ElementType)node.Int("to", 0);
        node.Ignore("saturate", "round_mode");
        if (!Enum.IsDefined(type))
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"element type {(int)type}"));
        if (type == x.Type)
            return x;
        node.Count(x.Dims);
        double[] values = x.ToDoubles();
        return HostTensor.FromDoubles(type, x.Dims, type == ElementType.Bool ? [.. values.Select(v => v != 0 ? 1.0 : 0)] : values);
    }

    /// <summary>The dimensions that a Reshape asks for: 0 keeps one, -1 takes what is left.</summary>
    private static int[] Target(int[] from, long[] target, bool allowsZero) =>
        Target(from, target, allowsZero, from.Aggregate((Int128)1, (product, dim) => product * dim));

    private static int[] Target(int[] from, long[] target, bool allowsZero, Int128? count)
    {
        if (target.Length > HostTensor.MaxRank)
            throw new NotMappedException("more than 8 dimensions");
        int free = -1;
        Int128 product = 1;
        int[] dims = new int[target.Length];
        for (int i = 0; i < dims.Length; i++)
        {
            long dim = target[i] == 0 && !allowsZero && i < from.Length ? from[i] : target[i];
            if (dim == -1 && free < 0 && count is not null)
            {
                free = i;
                continue;
            }

            if (dim is < 0 or > int.MaxValue)
                throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"a dimension of {dim}"));
            dims[i] = (int)dim;
            product = Int128.Min(product * dim, long.MaxValue);
        }

        if (free >= 0 && product > 0)
        {
            dims[free] = (int)(count!.Value / product);
            product *= dims[free];
        }

        return count is null || product == count && (free < 0 || count > 0 || product == 0)
            ? dims
            : throw new NotMappedException($"a constant of shape {HostTensor.Text(from)} reshaped to another number of values");
    }

    // Operator set 13 made the axes an input.
    private static long[]? Axes(EvaluatedNode node) => node.Opset >= 13 ? node.Integers(1) : node.Ints("axes");

    private static int Product(int[] dims) => dims.Aggregate(1, (product, dim) => product * dim);
}
