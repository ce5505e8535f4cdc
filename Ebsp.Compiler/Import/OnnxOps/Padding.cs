using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Pad: zeros, another constant, the edge or its reflection around rows and columns; zeros around channels.</summary>
internal static class Padding
{
    // A row or column that is repeated is a tensor of its own.
    private const int MaxRepeated = 64;

    public static void Pad(OnnxNode node)
    {
        ActivationValue input = node.Activation(0);
        string mode = node.Text("mode", "constant");
        if (mode is not ("constant" or "edge" or "reflect"))
            throw new NotMappedException($"mode '{mode}'");
        // Operator set 11 made the parameters inputs, 18 added axes.
        bool byInputs = node.Opset >= 11;
        long[] pads = (byInputs ? node.Integers(1) : node.Ints("pads") ?? node.Ints("paddings")) ?? throw new NotMappedException("no pads");
        float value = byInputs ? (node.HasInput(2) ? node.Floats(2).FirstOrDefault() : 0) : node.Float("value", 0);
        long[] axes = byInputs && node.HasInput(3) ? node.Integers(3) : [.. Enumerable.Range(0, input.Rank).Select(i => (long)i)];
        if (pads.Length != 2 * axes.Length)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"{pads.Length} pads for {axes.Length} axes"));
        int[] before = [0, 0, 0], after = [0, 0, 0];
        AxisLayout layout = input.Layout;
        Shape shape = node.ShapeOf(input);
        int[] extents = [shape.Channels, shape.Height, shape.Width];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = OnnxAttributes.Axis(axes[i], input.Rank);
            long front = pads[i], back = pads[i + axes.Length];
            if ((front | back) == 0)
                continue;
            int stored = layout.IsBatch(axis) ? -1 : input.Layout.StoredAxis(axis);
            if (stored < 0 || front is < -int.MaxValue / 4 or > int.MaxValue / 4 || back is < -int.MaxValue / 4 or > int.MaxValue / 4
                || extents[stored] + front + back < 1)
                throw new NotMappedException(string.Create(CultureInfo.InvariantCulture,
                    $"pads {front}, {back} of axis {axes[i]} of {input.Layout}"));
            (before[stored], after[stored]) = ((int)front, (int)back);
            layout = layout.Resized(stored, (int)(extents[stored] + front + back), axis);
        }

        node.RefuseUnreadAttributes();
        (ActivationValue map, before, after) = Cropped(node, input, extents, before, after);
        if (mode != "constant")
            Repeated(node, map, mode, extents, before, after, layout);
        else if (value == 0)
            node.EmitAs(Zeros(before, after), _ => layout, map);
        else
            Filled(node, map, value, before, after, layout);
    }

    private static Pad Zeros(int[] before, int[] after) => new(before[0], after[0], before[1], before[2], after[1], after[2]);

    // A negative pad cuts.
    private static (ActivationValue Map, int[] Before, int[] After) Cropped(OnnxNode node, ActivationValue input, int[] extents,
        int[] before, int[] after)
    {
        if (before.Concat(after).All(pad => pad >= 0))
            return (input, before, after);
        int[] start = [.. before.Select(pad => Math.Max(-pad, 0))];
        for (int i = 0; i < 3; i++)
        {
            extents[i] -= start[i] + Math.Max(-after[i], 0);
            if (extents[i] < 1)
                throw new NotMappedException("pads that cut the whole map away");
        }

        ActivationValue cut = node.Step(new Slice(start[0], extents[0], start[1], 1, extents[1], start[2], 1, extents[2]), "cut", null,
            input);
        return (cut, [.. before.Select(pad => Math.Max(pad, 0))], [.. after.Select(pad => Math.Max(pad, 0))]);
    }

    // Zeros around x - value, and the value added again.
    private static void Filled(OnnxNode node, ActivationValue map, float value, int[] before, int[] after, AxisLayout layout)
    {
        if (!float.IsFinite(value) || Math.Abs(value) > 1e6)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture,
                $"padding with {value}; a max pool has pads of its own"));
        ActivationValue moved = node.Step(Affine(node.ShapeOf(map).Channels, -value), "moved", null, map);
        ActivationValue padded = node.Step(Zeros(before, after), "padded", _ => layout, moved);
        node.Emit(Affine(node.ShapeOf(padded).Channels, value), padded);
    }

    private static ChannelAffine Affine(int channels, float offset) =>
        new([.. Enumerable.Repeat(1f, channels)], [.. Enumerable.Repeat(offset, channels)]);

    // The map with zeros around it, and each row or column of the border added at its place; columns after rows.
    private static void Repeated(OnnxNode node, ActivationValue map, string mode, int[] extents, int[] before, int[] after,
        AxisLayout layout)
    {
        if ((before[0] | after[0]) != 0)
            throw new NotMappedException($"mode '{mode}' around channels");
        if (before.Sum() + after.Sum() is 0 or > MaxRepeated)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture,
                $"mode '{mode}' with {before.Sum() + after.Sum()} rows and columns"));
        List<(int Stored, int At, int From)> borders = [];
        foreach (int stored in new[] { AxisLayout.Rows, AxisLayout.Columns })
        {
            int size = extents[stored];
            for (int at = 0; at < before[stored] + size + after[stored]; at++)
            {
                int index = at - before[stored];
                if (index >= 0 && index < size)
                    continue;
                int period = Math.Max(2 * (size - 1), 1);
                int from = mode == "edge" ? Math.Clamp(index, 0, size - 1)
                    : size - 1 - Math.Abs(size - 1 - (index % period + period) % period);
                borders.Add((stored, at, from));
            }
        }

        ActivationValue all = map;
        foreach (IGrouping<int, (int Stored, int At, int From)> group in borders.GroupBy(border => border.Stored))
        {
            int stored = group.Key, whole = extents[stored] + before[stored] + after[stored];
            ActivationValue source = all;
            Shape shape = node.ShapeOf(source);
            all = node.Step(Around(stored, before[stored], after[stored]), "inner", _ => layout, source);
            foreach ((int _, int at, int from) in group)
            {
                Slice line = stored == AxisLayout.Rows ? new Slice(0, shape.Channels, from, 1, 1, 0, 1, shape.Width)
                    : new Slice(0, shape.Channels, 0, 1, shape.Height, from, 1, 1);
                ActivationValue placed = node.Step(Around(stored, at, whole - at - 1), "placed", _ => layout, node.Step(line, "line",
                    null, source));
                if ((stored, at) == (borders[^1].Stored, borders[^1].At))
                    node.EmitAs(new Add(), _ => layout, all, placed);
                else
                    all = node.Step(new Add(), "bordered", null, all, placed);
            }
        }

        static Pad Around(int stored, int front, int back) =>
            stored == AxisLayout.Rows ? new Pad(0, 0, front, 0, back, 0) : new Pad(0, 0, 0, front, 0, back);
    }
}
