using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Slice, Split, Gather by constant indices.</summary>
internal static class Slicing
{
    public static void Slice(OnnxNode node)
    {
        ActivationValue input = node.Activation(0);
        // Operator set 10 made the parameters inputs.
        bool byInputs = node.Opset >= 10;
        long[] starts = (byInputs ? node.Integers(1) : node.Ints("starts")) ?? throw new NotMappedException("no starts");
        long[] ends = (byInputs ? node.Integers(2) : node.Ints("ends")) ?? throw new NotMappedException("no ends");
        long[]? axes = byInputs ? (node.HasInput(3) ? node.Integers(3) : null) : node.Ints("axes");
        long[]? steps = byInputs && node.HasInput(4) ? node.Integers(4) : null;
        if (ends.Length != starts.Length || (axes?.Length ?? starts.Length) != starts.Length
            || (steps?.Length ?? starts.Length) != starts.Length)
            throw new NotMappedException("starts, ends, axes and steps of different lengths");
        Region region = new(node, input);
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = OnnxAttributes.Axis(axes?[i] ?? i, input.Rank);
            long stride = steps?[i] ?? 1;
            if (input.Layout.IsBatch(axis))
            {
                // Whole: from the start to the end of the example, or to what stands for the end.
                if (starts[i] != 0 || stride != 1 || ends[i] < int.MaxValue && !(node.BatchSize > 0 && ends[i] >= node.BatchSize))
                    throw new NotMappedException("a slice of the batch");
                continue;
            }

            int extent = input.Layout.SizeWithinImage(axis);
            if (stride is < -int.MaxValue or 0 or > int.MaxValue)
                throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"a step of {stride}"));
            int first = (int)Math.Clamp(starts[i] < 0 ? starts[i] + extent : starts[i], 0, stride > 0 ? extent : extent - 1);
            int behind = (int)Math.Clamp(ends[i] < 0 ? ends[i] + extent : ends[i], stride > 0 ? 0 : -1, extent);
            long span = stride > 0 ? (long)behind - first : (long)first - behind;
            region.Take(axis, first, (int)stride, span <= 0 ? 0 : (int)((span + Math.Abs(stride) - 1) / Math.Abs(stride)));
        }

        (ActivationValue source, Slice slice, AxisLayout layout) = region.Result();
        node.EmitAs(slice, _ => layout, source);
    }

    public static void Split(OnnxNode node)
    {
        ActivationValue input = node.Activation(0);
        int axis = OnnxAttributes.Axis(node.Int("axis", 0), input.Rank);
        int extent = input.Layout.SizeWithinImage(axis), parts = node.OutputCount;
        // Operator set 13 made the sizes an input, 18 lets them be left out with the number of outputs.
        long[]? sizes = node.Opset >= 13 ? (node.HasInput(1) ? node.Integers(1) : null) : node.Ints("split");
        if (node.Opset >= 18)
            node.Int("num_outputs", 0);
        int even = (extent + parts - 1) / parts;
        sizes ??= [.. Enumerable.Range(0, parts).Select(i => (long)Math.Min(even, extent - i * even))];
        if (input.Layout.IsBatch(axis) || sizes.Length != parts || sizes.Any(size => size < 1 || size > extent) || sizes.Sum() != extent)
            throw new NotMappedException("a split of the batch, or into parts that do not make the whole");
        int first = 0;
        for (int i = 0; i < parts; i++)
        {
            Region region = new(node, input);
            region.Take(axis, first, 1, (int)sizes[i]);
            (ActivationValue source, Slice slice, AxisLayout layout) = region.Result();
            node.EmitPart(i, slice, _ => layout, source);
            first += (int)sizes[i];
        }
    }

    public static void Gather(OnnxNode node)
    {
        ActivationValue input = node.Activation(0);
        int axis = OnnxAttributes.Axis(node.Int("axis", 0), input.Rank);
        int extent = input.Layout.SizeWithinImage(axis);
        long[] indices = [.. node.Integers(1).Select(index => index < 0 ? index + extent : index)];
        if (node.Constant(1).Dims.Length > 1 || indices.Length == 0 || input.Layout.IsBatch(axis) && !(node.BatchSize == 1
            && indices is [0])
            || !input.Layout.IsBatch(axis) && indices.Any(index => index < 0 || index >= extent))
            throw new NotMappedException("indices of more than one axis, of the batch, or beyond the axis");
        bool drops = node.Constant(1).Dims.Length == 0;
        if (input.Layout.IsBatch(axis))
        {
            node.Forward(input with { Layout = drops ? input.Layout.Without([axis]) : input.Layout });
            return;
        }

        Region region = new(node, input);
        int step = indices.Length > 1 ? (int)(indices[1] - indices[0]) : 1;
        if (Enumerable.Range(0, indices.Length).All(i => indices[i] == indices[0] + (long)i * step) && step != 0)
            region.Take(axis, (int)indices[0], step, indices.Length);
        else
            region.Choose(axis, [.. indices.Select(index => (int)index)]);
        (ActivationValue source, Slice slice, AxisLayout layout) = region.Result();
        node.EmitAs(slice, _ => drops ? layout.Without([axis]) : layout, source);
    }

    /// <summary>Some indices of some axes: a run of channels, rows and columns by steps; channels in any order by a 1x1
    /// convolution.</summary>
    private sealed class Region(OnnxNode node, ActivationValue input)
    {
        private readonly int[] _start = [0, 0, 0], _step = [1, 1, 1], _count = Extents(node.ShapeOf(input));
        private ActivationValue _source = input;
        private AxisLayout _layout = input.Layout;

        public void Take(int axis, int first, int step, int count)
        {
            if (count < 1)
                throw new NotMappedException("a slice of nothing");
            int stored = _layout.StoredAxis(axis), each = 1;
            bool isOuter = stored < 0 && _layout.IsOuterChannels(axis, out each);
            if (stored < 0 && !isOuter)
                throw new NotMappedException($"a part of axis {axis} of {_layout}, which is neither channels nor rows nor columns");
            if (stored is AxisLayout.Channels or < 0 && step != 1 && count > 1)
            {
                Choose(axis, [.. Enumerable.Range(0, count).Select(i => first + i * step)]);
                return;
            }

            if (step < 1 && count > 1)
                throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"a step of {step}"));
            int at = Math.Max(stored, 0);
            (_start[at], _step[at], _count[at]) = (_start[at] + first * each, Math.Max(step, 1), count * each);
            _layout = stored < 0 ? _layout.WithOuterChannels(axis, count) : _layout.Resized(stored, count, axis);
        }

        public void Choose(int axis, int[] indices)
        {
            int each = 1;
            if (_layout.StoredAxis(axis) != AxisLayout.Channels && !_layout.IsOuterChannels(axis, out each) || _start[0] != 0)
                throw new NotMappedException($"indices of axis {axis} of {_layout}, which is not the channels");
            int[] channels = [.. indices.SelectMany(index => Enumerable.Range(index * each, each))];
            AxisLayout layout = _layout.StoredAxis(axis) == AxisLayout.Channels
                ? _layout.Resized(AxisLayout.Channels, channels.Length, axis) : _layout.WithOuterChannels(axis, indices.Length);
            _source = _source with { Tensor = node.Selected(_source, channels) };
            (_count[0], _layout) = (channels.Length, layout);
        }

        public (ActivationValue Source, Slice Slice, AxisLayout Layout) Result() =>
            (_source, new Slice(_start[0], _count[0], _start[1], _step[1], _count[1], _start[2], _step[2], _count[2]), _layout);

        private static int[] Extents(Shape shape) => [shape.Channels, shape.Height, shape.Width];
    }
}
