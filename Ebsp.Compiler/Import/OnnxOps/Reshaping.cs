using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>
/// Flatten, Reshape, Squeeze, Unsqueeze, Transpose. Those of constants are done here; those of activations vanish, because a fully
/// connected layer reads the whole map in C, H, W order.
/// </summary>
internal static class Reshaping
{
    public static void Flatten(OnnxNode node)
    {
        long axis = node.Int("axis", 1);
        if (node.Input(0) is ConstantValue { Constant: { } constant })
        {
            int rank = constant.Dims.Length;
            long split = axis < 0 ? axis + rank : axis;
            if (split < 0 || split > rank)
                throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"axis {axis}"));
            int rows = constant.Dims[..(int)split].Aggregate(1, (product, d) => product * d);
            node.Fold(constant.WithDims([rows, constant.Dims[(int)split..].Aggregate(1, (product, d) => product * d)]));
            return;
        }

        ActivationValue input = node.Data(0);
        if ((axis < 0 ? axis + (input.IsFlat ? 2 : 4) : axis) != 1)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"axis {axis}"));
        node.Forward(input with { IsFlat = true });
    }

    public static void Reshape(OnnxNode node)
    {
        if (node.Int("allowzero", 0) != 0)
            throw new NotMappedException("allowzero is set");
        long[] target = node.Integers(1);
        if (node.Input(0) is ConstantValue { Constant: { } constant })
            node.Fold(constant.WithDims(Dims(target, constant)));
        else
            node.Forward(View(node, node.Data(0), target));
    }

    public static void Squeeze(OnnxNode node)
    {
        long[]? axes = Axes(node);
        if (node.Input(0) is ConstantValue { Constant: { } constant })
        {
            int rank = constant.Dims.Length;
            HashSet<long> gone = axes is null
                ? [.. Enumerable.Range(0, rank).Where(i => constant.Dims[i] == 1).Select(i => (long)i)]
                : [.. axes.Select(axis => axis < 0 ? axis + rank : axis)];
            if (gone.Any(axis => axis < 0 || axis >= rank || constant.Dims[axis] != 1))
                throw new NotMappedException("axes that are not 1");
            node.Fold(constant.WithDims([.. constant.Dims.Where((_, i) => !gone.Contains(i))]));
            return;
        }

        ActivationValue input = node.Map(0);
        if (node.ShapeOf(input) is not { Height: 1, Width: 1 } || axes is null || !Positive(axes, 4).SequenceEqual([2L, 3L]))
            throw new NotMappedException("other axes than rows and columns of a 1 x 1 map");
        node.Forward(input with { IsFlat = true });
    }

    public static void Unsqueeze(OnnxNode node)
    {
        long[] axes = Axes(node) ?? throw new NotMappedException("no axes");
        if (node.Input(0) is ConstantValue { Constant: { } constant })
        {
            int rank = constant.Dims.Length + axes.Length;
            long[] places = [.. Positive(axes, rank)];
            if (rank > OnnxConstant.MaxRank || places.Distinct().Count() != places.Length || places.Any(axis => axis < 0 || axis >= rank))
                throw new NotMappedException("axes that do not exist");
            List<int> dims = [.. constant.Dims];
            foreach (long axis in places)
                dims.Insert((int)axis, 1);
            node.Fold(constant.WithDims([.. dims]));
            return;
        }

        ActivationValue input = node.Data(0);
        if (!input.IsFlat || node.ShapeOf(input) is not { Height: 1, Width: 1 } || !Positive(axes, 4).SequenceEqual([2L, 3L]))
            throw new NotMappedException("other axes than rows and columns behind a vector");
        node.Forward(input with { IsFlat = false });
    }

    public static void Transpose(OnnxNode node)
    {
        long[]? order = node.Ints("perm");
        OnnxConstant constant = node.Constant(0);
        int rank = constant.Dims.Length;
        int[] from = order is null ? [.. Enumerable.Range(0, rank).Reverse()] : [.. order.Select(axis => (int)axis)];
        if (!from.Order().SequenceEqual(Enumerable.Range(0, rank)))
            throw new NotMappedException("a perm that is no order of the axes");
        int[] dims = [.. from.Select(axis => constant.Dims[axis])];
        int[] strides = new int[rank];
        for (int axis = rank - 1, stride = 1; axis >= 0; stride *= constant.Dims[axis--])
            strides[axis] = stride;
        node.Fold(constant.Floats is { } floats
            ? new OnnxConstant(dims, Permute(floats, dims, from, strides)) { Grid = constant.Grid is { } grid ? grid with { Axis = Array.IndexOf(from, grid.Axis) } : null }
            : new OnnxConstant(dims, Permute(constant.Integers!, dims, from, strides)) { ElementType = constant.ElementType });
    }

    private static T[] Permute<T>(T[] values, int[] dims, int[] from, int[] strides)
    {
        T[] result = new T[values.Length];
        int[] index = new int[dims.Length];
        for (int i = 0; i < result.Length; i++)
        {
            int source = 0;
            for (int axis = 0; axis < index.Length; axis++)
                source += index[axis] * strides[from[axis]];
            result[i] = values[source];
            for (int axis = index.Length - 1; axis >= 0 && ++index[axis] == dims[axis]; axis--)
                index[axis] = 0;
        }

        return result;
    }

    /// <summary>An activation under target dimensions: [N, F], or [N, C, H, W] as it is.</summary>
    private static ActivationValue View(OnnxNode node, ActivationValue input, long[] target)
    {
        Shape shape = node.ShapeOf(input);
        long[] known = input.IsFlat ? [-2, shape.Elements] : [-2, shape.Channels, shape.Height, shape.Width];
        long[] dims = [.. target.Select((dim, i) => dim == 0 && i < known.Length ? known[i] : dim)];
        // The batch may be written as itself (0), as what is left (-1), or as the number of the exported example.
        if (dims.Length == 2 && (dims[1] == shape.Elements || (dims[1] == -1 && dims[0] != -1)))
            return input with { IsFlat = true };
        if (dims.Length == 4 && !input.IsFlat && dims[1] == shape.Channels && dims[2] == shape.Height && dims[3] == shape.Width)
            return input;
        if (dims.Length == 4 && shape is { Height: 1, Width: 1 } && dims[2] == 1 && dims[3] == 1 && (dims[1] == shape.Channels || (dims[1] == -1 && dims[0] != -1)))
            return input with { IsFlat = false };
        string text = string.Join(',', target.Select(dim => dim.ToString(CultureInfo.InvariantCulture)));
        throw new NotMappedException($"a map {shape} reshaped to [{text}]");
    }

    private static int[] Dims(long[] target, OnnxConstant constant)
    {
        int free = -1;
        Int128 product = 1;
        long[] dims = new long[target.Length];
        for (int i = 0; i < dims.Length && i <= OnnxConstant.MaxRank; i++)
        {
            dims[i] = target[i] == 0 && i < constant.Dims.Length ? constant.Dims[i] : target[i];
            if (dims[i] == -1 && free < 0)
                free = i;
            else if (dims[i] is < 0 or > int.MaxValue)
                throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"a dimension of {dims[i]}"));
            else
                product *= dims[i];
        }

        if (free >= 0 && product > 0)
        {
            dims[free] = (long)(constant.Count / product);
            product *= dims[free];
        }

        return dims.Length <= OnnxConstant.MaxRank && product > 0 && product == constant.Count && dims.All(d => d >= 0)
            ? [.. dims.Select(d => (int)d)]
            : throw new NotMappedException($"a constant of shape {constant.DimsText} reshaped to another number of values");
    }

    // Operator set 13 made the axes an input.
    private static long[]? Axes(OnnxNode node) => node.Opset >= 13 ? (node.HasInput(1) ? node.Integers(1) : null) : node.Ints("axes");

    private static IEnumerable<long> Positive(long[] axes, int rank) => axes.Select(axis => axis < 0 ? axis + rank : axis).Order();
}
