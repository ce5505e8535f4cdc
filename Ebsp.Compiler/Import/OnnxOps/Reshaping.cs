using System.Globalization;
using System.Runtime.InteropServices;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>
/// Flatten, Reshape, Squeeze, Unsqueeze, Transpose of activations. They vanish as long as the values keep their order, because a fully
/// connected layer reads the whole map in C, H, W order; a transposition within the channels is a 1x1 convolution.
/// </summary>
internal static class Reshaping
{
    public static void Flatten(OnnxNode node)
    {
        ActivationValue input = node.Data(0);
        long axis = node.Int("axis", 1);
        if ((axis < 0 ? axis + input.Rank : axis) != 1)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"axis {axis}"));
        node.Forward(input with { Dims = [Elements(node, input)] });
    }

    public static void Reshape(OnnxNode node)
    {
        ActivationValue input = node.Data(0);
        long[] target = node.Integers(1);
        bool keepsZeros = node.Int("allowzero", 0) != 0;
        long[] dims = [.. target.Select((dim, i) => dim != 0 || keepsZeros
            ? dim
            : i > input.Dims.Length ? 0 : i == 0 ? HostTensor.Batch : input.Dims[i - 1])];
        string text = string.Join(',', target.Select(dim => dim == HostTensor.Batch ? "N" : dim.ToString(CultureInfo.InvariantCulture)));
        // The batch may be written as itself, as what is left (-1), or as the number of the exported example.
        Int128 product = 1;
        foreach (long dim in dims.Skip(1))
            product = dim == -1 ? product : dim < 1 ? 0 : Int128.Min(product * dim, long.MaxValue);
        int elements = Elements(node, input), free = dims.Count(dim => dim == -1);
        bool isWhole = free == 0 || free == 1 && dims[0] == -1;
        bool keepsBatch = dims.Length > 0
            && (dims[0] == HostTensor.Batch || dims[0] == -1 || dims[0] > 0 && (node.BatchSize == 0 || dims[0] == node.BatchSize));
        if (!keepsBatch || dims.Length > HostTensor.MaxRank || free > 1 || product < 1
            || (isWhole ? product != elements : elements % product != 0))
            throw new NotMappedException($"{input.DimsText} reshaped to [{text}]");
        node.Forward(input with { Dims = [.. dims.Skip(1).Select(dim => dim == -1 ? (int)(elements / product) : (int)dim)] });
    }

    public static void Squeeze(OnnxNode node)
    {
        ActivationValue input = node.Data(0);
        long[] axes = Axes(node) ?? throw new NotMappedException("no axes: the batch may be 1");
        int[] gone = [.. axes.Select(axis => OnnxAttributes.Axis(axis, input.Rank) - 1)];
        if (gone.Any(axis => axis < 0 || input.Dims[axis] != 1))
            throw new NotMappedException($"axes of {input.DimsText} that are not 1");
        node.Forward(input with { Dims = [.. input.Dims.Where((_, axis) => !gone.Contains(axis))] });
    }

    public static void Unsqueeze(OnnxNode node)
    {
        ActivationValue input = node.Data(0);
        long[] axes = Axes(node) ?? throw new NotMappedException("no axes");
        int rank = input.Rank + axes.Length;
        int[] places = [.. axes.Select(axis => OnnxAttributes.Axis(axis, rank) - 1).Distinct().Order()];
        if (rank > HostTensor.MaxRank || places.Length != axes.Length || places.Any(axis => axis < 0))
            throw new NotMappedException("an axis in front of the batch, or more than 8");
        List<int> dims = [.. input.Dims];
        foreach (int place in places)
            dims.Insert(place, 1);
        node.Forward(input with { Dims = [.. dims] });
    }

    public static void Transpose(OnnxNode node)
    {
        if (node.Input(0) is ChannelsLastValue { Tensor: { } tensor })
        {
            Shape map = node.ShapeOf(new ActivationValue(tensor, []));
            node.Ignore("perm");
            node.Forward(new ActivationValue(tensor, [map.Channels, map.Height, map.Width]));
            return;
        }

        ActivationValue input = node.Data(0);
        int[] from = node.Ints("perm") is { } order
            ? [.. order.Select(axis => OnnxAttributes.Axis(axis, input.Rank))]
            : [.. Enumerable.Range(0, input.Rank).Reverse()];
        if (!from.Order().SequenceEqual(Enumerable.Range(0, input.Rank)))
            throw new NotMappedException("a perm that is no order of the axes");
        if (from[0] != 0)
            throw new NotMappedException("a transposition of the batch");
        int[] axes = [.. from.Skip(1).Select(axis => axis - 1)];
        int[] dims = [.. axes.Select(axis => input.Dims[axis])];
        int[] moved = [.. axes.Where(axis => input.Dims[axis] != 1)];
        if (moved.SequenceEqual(moved.Order()))
            node.Forward(input with { Dims = dims });
        else
            ShuffleChannels(node, input, axes, dims);
    }

    /// <summary>Axes that lie within the channels change places: a 1x1 convolution whose weights are a permutation.</summary>
    private static void ShuffleChannels(OnnxNode node, ActivationValue input, int[] axes, int[] dims)
    {
        Shape shape = node.ShapeOf(input);
        int split = 0, product = 1;
        while (split < input.Dims.Length && product < shape.Channels)
            product *= input.Dims[split++];
        if (product != shape.Channels || !axes[..split].Order().SequenceEqual(Enumerable.Range(0, split))
            || !axes[split..].SequenceEqual(axes[split..].Order()))
            throw new NotMappedException($"a transposition of {input.DimsText} beyond the channels");
        if (input.Stored is not null)
            throw new NotMappedException("input 0 holds quantized integers");
        if (shape.Channels > MaxShuffled)
            throw new NotMappedException($"a shuffle of more than {MaxShuffled} channels");
        int[] strides = Places.Strides(input.Dims[..split]);
        int[] places = Places.Of(
            [.. axes[..split].Select(axis => Enumerable.Range(0, input.Dims[axis]).Select(i => i * strides[axis]).ToArray())],
            shape.Channels);
        float[] weights = new float[shape.Channels * shape.Channels];
        for (int c = 0; c < places.Length; c++)
            weights[c * shape.Channels + places[c]] = 1;
        Conv permutation = new(shape.Channels, new KernelWindow(1, 1), 1,
            ImmutableCollectionsMarshal.AsImmutableArray(weights), ImmutableCollectionsMarshal.AsImmutableArray(new float[shape.Channels]));
        node.EmitAs(permutation, dims, input);
    }

    // A permutation has the square of the channels as weights.
    private const int MaxShuffled = 4096;

    private static int Elements(OnnxNode node, ActivationValue input) => (int)node.ShapeOf(input).Elements;

    // Operator set 13 made the axes an input.
    private static long[]? Axes(OnnxNode node) => node.Opset >= 13 ? (node.HasInput(1) ? node.Integers(1) : null) : node.Ints("axes");
}
