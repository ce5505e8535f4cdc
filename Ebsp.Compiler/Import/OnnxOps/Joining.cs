using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Concat and Tile: side by side along the channels; along rows and columns an assembly of pixels.</summary>
internal static class Joining
{
    public static void Concat(OnnxNode node)
    {
        if (node.InputCount == 0)
            throw new NotMappedException("a concatenation of nothing");
        ActivationValue[] inputs = [.. Enumerable.Range(0, node.InputCount).Select(node.Activation)];
        // Operator set 4 made the axis obligatory.
        int axis = OnnxAttributes.Axis(node.Int("axis", 1), inputs[0].Rank);
        if (inputs.Any(input => input.Rank != inputs[0].Rank))
            throw new NotMappedException("a concatenation of tensors of different rank");
        Join(node, inputs, axis);
    }

    public static void Tile(OnnxNode node)
    {
        ActivationValue input = node.Activation(0);
        long[] repeats = node.Integers(1);
        if (repeats.Length != input.Rank || repeats.Any(times => times is < 1 or > 1024))
            throw new NotMappedException("repeats that are not one number of 1..1024 an axis");
        int[] repeated = [.. Enumerable.Range(0, input.Rank).Where(axis => repeats[axis] > 1)];
        if (repeated.Any(input.Layout.IsBatch) || repeated.Length > 1)
            throw new NotMappedException("repeats of more than one axis, or of the batch");
        if (repeated.Length == 0)
            node.Forward(input);
        else
            Join(node, [.. Enumerable.Repeat(input, (int)repeats[repeated[0]])], repeated[0]);
    }

    private static void Join(OnnxNode node, ActivationValue[] inputs, int axis)
    {
        if (inputs.Length == 1)
        {
            node.Forward(inputs[0]);
            return;
        }

        if (inputs.Select(input => input.Layout.StoredAxis(axis)).Distinct().Count() > 1
            || inputs.Any(input => !input.Layout.HasChannelsInOrder))
            inputs = [.. inputs.Select(node.InOrder)];
        AxisLayout first = inputs[0].Layout;
        int stored = first.StoredAxis(axis);
        long size = inputs.Sum(input => (long)input.Layout.SizeWithinImage(axis));
        if (first.IsBatch(axis))
            throw new NotMappedException("a concatenation of batches");
        if (size > TypeInference.MaxElements)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"a concatenation of {size} elements"));
        if (stored >= 0 && inputs.All(input => input.Layout.StoredAxis(axis) == stored
            && input.Layout.Resized(stored, 1, axis).Equals(first.Resized(stored, 1, axis))))
        {
            AxisLayout layout = first.Resized(stored, (int)size, axis);
            if (stored == AxisLayout.Channels)
                node.EmitAs(new Concat(), _ => layout, inputs);
            else
                SideBySide(node, inputs, stored, (int)size, layout);
        }
        else if (inputs.All(input => input.Layout.IsOuterChannels(axis, out _)
            && input.Layout.WithOuterChannels(axis, 1).Equals(first.WithOuterChannels(axis, 1))))
            node.EmitAs(new Concat(), _ => first.WithOuterChannels(axis, (int)size), inputs);
        else if (size == inputs.Length && inputs.All(input => input.Layout.Equals(first)))
            node.EmitAs(new Concat(), _ => first.Stacked(axis, inputs.Length), inputs);
        else if (Assembled(node, inputs, axis) is { } assembled)
            Join(node, assembled, axis);
        else
        {
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture,
                $"a concatenation of {string.Join(" and ", inputs.Take(2).Select(input => input.Layout))} along axis {axis}"));
        }
    }

    // Heads of detectors, each read pixel after pixel with some channels at each: the pixels of one follow those of the other.
    private static ActivationValue[]? Assembled(OnnxNode node, ActivationValue[] inputs, int axis)
    {
        // After this each input is [N, pixels, channels], a row of pixels.
        const int last = 2;
        if (axis != 1 || inputs.Any(input => input.Rank != 3 || input.Layout.BatchAxis != 0) || inputs.All(input =>
            input.Layout.StoredAxis(1) == AxisLayout.Columns && input.Layout.StoredAxis(last) == AxisLayout.Channels
            && node.ShapeOf(input).Height == 1))
            return null;
        ActivationValue?[] made = [.. inputs.Select(input => node.Assembled(input, last))];
        return made.Contains(null) ? null : [.. made.Select(each => each!)];
    }

    private static void SideBySide(OnnxNode node, ActivationValue[] inputs, int stored, int size, AxisLayout layout)
    {
        Shape shape = node.ShapeOf(inputs[0]);
        (int height, int width) = stored == AxisLayout.Rows ? (size, shape.Width) : (shape.Height, size);
        List<PixelPlace> places = [];
        int at = 0;
        foreach (ActivationValue input in inputs)
        {
            places.Add(new PixelPlace(stored == AxisLayout.Rows ? at * width : at, width, 1));
            at += stored == AxisLayout.Rows ? node.ShapeOf(input).Height : node.ShapeOf(input).Width;
        }

        node.EmitAs(new Assemble(height, width, [.. places]), _ => layout, inputs);
    }
}
