using System.Globalization;
using Ebsp.Compiler.Import.ConstantFolding;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>
/// Flatten, Reshape, Squeeze, Unsqueeze, Transpose of activations vanish: they change how the values are cut into axes
/// (<see cref="AxisLayout"/>), and the layers that read them follow.
/// </summary>
internal static class Reshaping
{
    public static void Flatten(OnnxNode node)
    {
        ActivationValue input = node.Any(0);
        long axis = node.Int("axis", 1);
        int split = axis == input.Rank ? input.Rank : OnnxAttributes.Axis(axis, input.Rank);
        AxisLayout layout = input.Layout;
        bool holdsBatch = Enumerable.Range(0, split).Any(layout.IsBatch);
        if (layout.HasBatch && !holdsBatch && node.BatchSize == 0)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"axis {axis}"));
        // What holds the batch is whatever is left.
        Cut(node, input, holdsBatch ? [-1, Product(split, input.Rank)] : layout.HasBatch ? [Product(0, split), -1]
            : [Product(0, split), Product(split, input.Rank)], node.BatchSize);

        long Product(int from, int to) => Enumerable.Range(from, to - from).Aggregate(1L, (product,
            i) => product * layout.SizeWithinImage(i));
    }

    public static void Reshape(OnnxNode node)
    {
        ActivationValue input = node.Any(0);
        long[] target = node.Integers(1);
        bool keepsZeros = node.Int("allowzero", 0) != 0;
        Cut(node, input, [.. target.Select((dim, i) => dim == 0 && !keepsZeros && i < input.Rank ? input.Layout.Size(i)
            : dim)], node.BatchSize);
    }

    public static void Squeeze(OnnxNode node)
    {
        ActivationValue input = node.Any(0);
        int[] gone;
        if (Axes(node) is { } axes)
            gone = [.. axes.Select(axis => OnnxAttributes.Axis(axis, input.Rank))];
        else if (node.BatchSize == 0 && input.Layout.HasBatch)
            throw new NotMappedException("no axes: the batch may be 1");
        else
            gone = [.. Enumerable.Range(0, input.Rank).Where(IsOne)];
        if (!gone.All(IsOne))
            throw new NotMappedException($"axes of {input.Layout} that are not 1");
        node.Forward(input with { Layout = input.Layout.Without(gone) });

        bool IsOne(int axis) => input.Layout.SizeWithinImage(axis) == 1 && (!input.Layout.IsBatch(axis) || node.BatchSize == 1);
    }

    public static void Unsqueeze(OnnxNode node)
    {
        ActivationValue input = node.Any(0);
        long[] axes = Axes(node) ?? throw new NotMappedException("no axes");
        int rank = input.Rank + axes.Length;
        int[] places = [.. axes.Select(axis => OnnxAttributes.Axis(axis, rank)).Distinct().Order()];
        if (rank > HostTensor.MaxRank || places.Length != axes.Length)
            throw new NotMappedException("an axis twice, or more than 8");
        node.Forward(input with { Layout = input.Layout.WithOnes(places) });
    }

    public static void Transpose(OnnxNode node)
    {
        ActivationValue input = node.Any(0);
        int[] from = node.Ints("perm") is { } order
            ? [.. order.Select(axis => OnnxAttributes.Axis(axis, input.Rank))]
            : [.. Enumerable.Range(0, input.Rank).Reverse()];
        if (!from.Order().SequenceEqual(Enumerable.Range(0, input.Rank)))
            throw new NotMappedException("a perm that is no order of the axes");
        node.Forward(input with { Layout = input.Layout.Transposed(from) });
    }

    private static void Cut(OnnxNode node, ActivationValue input, long[] target, long batchSize)
    {
        string text = string.Join(',', target.Select(dim => dim == HostTensor.Batch ? "N" : dim.ToString(CultureInfo.InvariantCulture)));
        AxisLayout layout = input.Layout.Reshaped(target, batchSize)
            ?? throw new NotMappedException($"{input.Layout} reshaped to [{text}]");
        node.Forward(input with { Layout = layout });
    }

    // Operator set 13 made the axes an input.
    private static long[]? Axes(OnnxNode node) => node.Opset >= 13 ? (node.HasInput(1) ? node.Integers(1) : null) : node.Ints("axes");
}
