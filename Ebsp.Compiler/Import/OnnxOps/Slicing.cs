using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Slice and Pad.</summary>
internal static class Slicing
{
    public static void Slice(OnnxNode node)
    {
        ActivationValue input = node.Activation(0);
        int[] extents = Extents(node, input);
        // Operator set 10 made the parameters inputs.
        bool byInputs = node.Opset >= 10;
        long[] starts = (byInputs ? node.Integers(1) : node.Ints("starts")) ?? throw new NotMappedException("no starts");
        long[] ends = (byInputs ? node.Integers(2) : node.Ints("ends")) ?? throw new NotMappedException("no ends");
        long[]? axes = byInputs ? (node.HasInput(3) ? node.Integers(3) : null) : node.Ints("axes");
        long[]? steps = byInputs && node.HasInput(4) ? node.Integers(4) : null;
        if (ends.Length != starts.Length || (axes?.Length ?? starts.Length) != starts.Length
            || (steps?.Length ?? starts.Length) != starts.Length)
            throw new NotMappedException("starts, ends, axes and steps of different lengths");
        int[] start = [0, 0, 0], step = [1, 1, 1], count = [extents[0], extents[1], extents[2]];
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = Axis(axes?[i] ?? i, input);
            long stride = steps?[i] ?? 1;
            if (axis < 0)
            {
                if (starts[i] != 0 || ends[i] < int.MaxValue || stride != 1)
                    throw new NotMappedException("a slice of the batch");
                continue;
            }

            if (stride is < 1 or > int.MaxValue)
                throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"a step of {stride}"));
            if (axis == 0 && stride != 1)
                throw new NotMappedException("a step over channels");
            int first = Clamped(starts[i], extents[axis]);
            int behind = Clamped(ends[i], extents[axis]);
            start[axis] = first;
            step[axis] = (int)stride;
            count[axis] = behind <= first ? 0 : (int)((behind - first + stride - 1) / stride);
        }

        node.Emit(new Slice(start[0], count[0], start[1], step[1], count[1], start[2], step[2], count[2]), input.IsFlat, input);
    }

    public static void Pad(OnnxNode node)
    {
        ActivationValue input = node.Activation(0);
        if (node.Text("mode", "constant") is not "constant" and string mode)
            throw new NotMappedException($"mode '{mode}'");
        // Operator set 11 made the parameters inputs, 18 added axes.
        bool byInputs = node.Opset >= 11;
        long[] pads = (byInputs ? node.Integers(1) : node.Ints("pads")) ?? throw new NotMappedException("no pads");
        float value = byInputs ? (node.HasInput(2) ? node.Floats(2).FirstOrDefault() : 0) : node.Float("value", 0);
        if (value != 0)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"padding with {value}"));
        long[] axes = byInputs && node.HasInput(3) ? node.Integers(3) : [.. Enumerable.Range(0, input.Rank).Select(i => (long)i)];
        if (pads.Length != 2 * axes.Length)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"{pads.Length} pads for {axes.Length} axes"));
        Extents(node, input);
        int[] before = [0, 0, 0], after = [0, 0, 0];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = Axis(axes[i], input);
            long front = pads[i], back = pads[i + axes.Length];
            if (axis < 0 ? (front | back) != 0 : front is < 0 or > int.MaxValue || back is < 0 or > int.MaxValue)
                throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"pads {front}, {back} of axis {axes[i]}"));
            if (axis >= 0)
                (before[axis], after[axis]) = ((int)front, (int)back);
        }

        node.Emit(new Pad(before[0], after[0], before[1], before[2], after[1], after[2]), input.IsFlat, input);
    }

    private static int[] Extents(OnnxNode node, ActivationValue input)
    {
        Shape shape = node.ShapeOf(input);
        if (!input.IsFlat)
            node.Map(0);
        else if (shape is not { Height: 1, Width: 1 })
            throw new NotMappedException($"a part of the elements of a map {shape}");
        return [shape.Channels, shape.Height, shape.Width];
    }

    /// <summary>0 for channels, 1 for rows, 2 for columns, -1 for the batch.</summary>
    private static int Axis(long axis, ActivationValue input)
    {
        int positive = OnnxAttributes.Axis(axis, input.Rank) - 1;
        // [N, C, W] is a map of one row.
        return input.Rank == 3 && positive == 1 ? 2 : positive;
    }

    private static int Clamped(long index, int extent) => (int)Math.Clamp(index < 0 ? index + extent : index, 0, extent);
}
