using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>
/// Resize, Upsample and DepthToSpace: pixels in other places. A pixel that stands several times is written as often; linear interpolation
/// by a whole factor is, along each axis, a depthwise convolution of two taps for each phase of the result.
/// </summary>
internal static class Resizing
{
    private const int MaxFactor = 16;

    public static void Upsample(OnnxNode node)
    {
        ActivationValue input = node.Activation(0);
        float[] scales = node.Opset >= 9 ? node.Floats(1) : node.FloatList("scales") ?? throw new NotMappedException("no scales");
        Scale(node, input, node.Text("mode", "nearest"), "asymmetric", "floor", scales, null,
            [.. Enumerable.Range(0, input.Rank).Select(axis => (long)axis)]);
    }

    public static void Resize(OnnxNode node)
    {
        ActivationValue input = node.Activation(0);
        node.Ignore("cubic_coeff_a", "exclude_outside", "extrapolation_value");
        bool isOld = node.Opset < 11;
        string mode = node.Text("mode", "nearest");
        string coordinates = isOld ? "asymmetric" : node.Text("coordinate_transformation_mode", "half_pixel");
        string nearest = isOld ? "floor" : node.Text("nearest_mode", "round_prefer_floor");
        if (node.Int("antialias", 0) != 0 || node.Text("keep_aspect_ratio_policy", "stretch") != "stretch")
            throw new NotMappedException("antialias or keep_aspect_ratio_policy");
        int scalesAt = isOld ? 1 : 2;
        float[]? scales = node.HasInput(scalesAt) && node.Floats(scalesAt) is { Length: > 0 } given ? given : null;
        long[]? sizes = scales is null && node.HasInput(3) ? node.Integers(3) : null;
        long[] axes = node.Ints("axes") ?? [.. Enumerable.Range(0, input.Rank).Select(axis => (long)axis)];
        Scale(node, input, mode, coordinates, nearest, scales, sizes, axes);
    }

    public static void DepthToSpace(OnnxNode node)
    {
        MapValue input = node.Map(0);
        Shape shape = node.ShapeOf(input.Value);
        long block = node.Int("blocksize", 0);
        string mode = node.Text("mode", "DCR");
        if (block is < 1 or > MaxFactor || shape.Channels % (block * block) != 0 || mode is not ("DCR" or "CRD")
            || input.Spatial.Length != 2)
            throw new NotMappedException("a block size of less than 1 or more than 16, or one that does not divide the channels");
        int b = (int)block, channels = shape.Channels / (b * b), width = shape.Width * b;
        bool isTurned = input.Spatial is [AxisLayout.Columns, AxisLayout.Rows];
        List<ActivationValue> parts = [];
        List<PixelPlace> places = [];
        for (int phase = 0; phase < b * b; phase++)
        {
            (int y, int x) = isTurned ? (phase % b, phase / b) : (phase / b, phase % b);
            int[] strided = [.. Enumerable.Range(0, channels).Select(c => c * b * b + phase)];
            Slice run = new(phase * channels, channels, 0, 1, shape.Height, 0, 1, shape.Width);
            parts.Add(mode == "DCR" ? node.Step(run, "phase", input.LayoutOf, input.Value)
                : input.Value with { Tensor = node.Selected(input.Value, strided) });
            places.Add(new PixelPlace(y * width + x, b * width, b));
        }

        node.EmitAs(new Assemble(shape.Height * b, width, [.. places]), input.LayoutOf, [.. parts]);
    }

    private static void Scale(OnnxNode node, ActivationValue input, string mode, string coordinates, string nearest, float[]? scales,
        long[]? sizes, long[] axes)
    {
        if ((scales?.Length ?? sizes?.Length) != axes.Length)
            throw new NotMappedException("neither scales nor sizes for all axes");
        if (mode is not ("nearest" or "linear" or "bilinear"))
            throw new NotMappedException($"mode '{mode}'");
        List<(int Axis, int Stored, int Size, int Result, double Factor)> resized = [];
        Shape shape = node.ShapeOf(input);
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = OnnxAttributes.Axis(axes[i], input.Rank), size = input.Layout.IsBatch(axis) ? 1 : input.Layout.SizeWithinImage(axis);
            double factor = scales?[i] ?? (double)sizes![i] / size;
            if (input.Layout.IsBatch(axis))
            {
                if (scales is not null && factor != 1 || sizes is not null && node.BatchSize > 0 && sizes[i] != node.BatchSize)
                    throw new NotMappedException("a batch of another size");
                continue;
            }

            int result = sizes is null ? (int)Math.Min(Math.Floor(size * factor), 1 << 20) : (int)Math.Min(sizes[i], 1 << 20);
            if (result == size)
                continue;
            int stored = input.Layout.StoredAxis(axis);
            if (stored is not (AxisLayout.Rows or AxisLayout.Columns) || result < 1)
                throw new NotMappedException(string.Create(CultureInfo.InvariantCulture,
                    $"axis {axis} of {input.Layout} resized, which is neither rows nor columns"));
            resized.Add((axis, stored, size, result, factor));
        }

        if (resized.Count == 0)
        {
            node.Forward(input);
            return;
        }

        node.RefuseUnreadAttributes();
        // Nearest by whole factors along both axes is one assembly.
        int[][] indices = [.. resized.Select(each => Sources(each.Size, each.Result, each.Factor, coordinates, nearest))];
        if (mode == "nearest" && resized.Select((each, i) => IsRepeated(indices[i], each.Size)).All(repeats => repeats))
        {
            Repeat(node, input, resized);
            return;
        }

        ActivationValue all = input;
        for (int i = 0; i < resized.Count; i++)
        {
            (int axis, int stored, int size, int result, double factor) = resized[i];
            bool isLast = i == resized.Count - 1;
            AxisLayout layout = all.Layout.Resized(stored, result, axis);
            (Op Op, ActivationValue[] Inputs) made = mode == "nearest" ? Picked(node, all, stored, indices[i])
                : Interpolated(node, all, stored, size, result, factor, coordinates);
            if (isLast)
                node.EmitAs(made.Op, _ => layout, made.Inputs);
            else
                all = node.Step(made.Op, "resized", _ => layout, made.Inputs);
        }
    }

    // For each index of the result the nearest one of the source.
    private static int[] Sources(int size, int result, double factor, string coordinates, string nearest) =>
        [.. Enumerable.Range(0, result).Select(i =>
        {
            double at = Coordinate(i, size, result, factor, coordinates);
            double index = nearest switch
            {
                "round_prefer_floor" => Math.Ceiling(at - 0.5),
                "round_prefer_ceil" => Math.Floor(at + 0.5),
                "floor" => Math.Floor(at),
                "ceil" => Math.Ceiling(at),
                _ => throw new NotMappedException($"nearest_mode '{nearest}'"),
            };
            return (int)Math.Clamp(index, 0, size - 1);
        })];

    private static double Coordinate(int i, int size, int result, double factor, string coordinates) => coordinates switch
    {
        "half_pixel" => (i + 0.5) / factor - 0.5,
        "half_pixel_symmetric" => size / 2.0 * (1 - result / (factor * size)) + (i + 0.5) / factor - 0.5,
        "pytorch_half_pixel" => result > 1 ? (i + 0.5) / factor - 0.5 : 0,
        "asymmetric" => i / factor,
        "align_corners" => result > 1 ? i * (size - 1.0) / (result - 1) : 0,
        "tf_half_pixel_for_nn" => (i + 0.5) / factor,
        _ => throw new NotMappedException($"coordinate_transformation_mode '{coordinates}'"),
    };

    private static bool IsRepeated(int[] indices, int size) => indices.Length % size == 0 && indices.Length / size <= MaxFactor
        && indices.Select((index, i) => index == i / (indices.Length / size)).All(same => same);

    private static void Repeat(OnnxNode node, ActivationValue input,
        List<(int Axis, int Stored, int Size, int Result, double Factor)> resized)
    {
        Shape shape = node.ShapeOf(input);
        AxisLayout layout = input.Layout;
        (int height, int width) = (shape.Height, shape.Width);
        foreach ((int axis, int stored, _, int result, _) in resized)
        {
            layout = layout.Resized(stored, result, axis);
            (height, width) = stored == AxisLayout.Rows ? (result, width) : (height, result);
        }

        (int down, int across) = (height / shape.Height, width / shape.Width);
        PixelPlace[] places = [.. Enumerable.Range(0, down * across).Select(i =>
            new PixelPlace(i / across * width + i % across, down * width, across))];
        node.EmitAs(new Assemble(height, width, [.. places]), _ => layout, [.. Enumerable.Repeat(input, places.Length)]);
    }

    // Any choice of lines: even steps are a slice; else each line of the result is one part.
    private static (Op Op, ActivationValue[] Inputs) Picked(OnnxNode node, ActivationValue input, int stored, int[] indices)
    {
        Shape shape = node.ShapeOf(input);
        int step = indices.Length > 1 ? indices[1] - indices[0] : 1;
        if (step > 0 && indices.Select((index, i) => index == indices[0] + i * step).All(even => even))
        {
            return (stored == AxisLayout.Rows
                ? new Slice(0, shape.Channels, indices[0], step, indices.Length, 0, 1, shape.Width)
                : new Slice(0, shape.Channels, 0, 1, shape.Height, indices[0], step, indices.Length), [input]);
        }

        if (indices.Length > 64)
            throw new NotMappedException("a factor that is neither whole nor one over a whole number");
        (int height, int width) = stored == AxisLayout.Rows ? (indices.Length, shape.Width) : (shape.Height, indices.Length);
        PixelPlace[] places = [.. indices.Select((_, i) => new PixelPlace(stored == AxisLayout.Rows ? i * width : i, width, 1))];
        return (new Assemble(height, width, [.. places]), [.. indices.Select(index => Line(node, input, stored, index))]);
    }

    private static ActivationValue Line(OnnxNode node, ActivationValue input, int stored, int index)
    {
        Shape shape = node.ShapeOf(input);
        return node.Step(stored == AxisLayout.Rows ? new Slice(0, shape.Channels, index, 1, 1, 0, 1, shape.Width)
            : new Slice(0, shape.Channels, 0, 1, shape.Height, index, 1, 1), "line", null, input);
    }

    private static (Op Op, ActivationValue[] Inputs) Interpolated(OnnxNode node, ActivationValue input, int stored, int size, int result,
        double factor, string coordinates)
    {
        int phases = result / size;
        if (size == 1)
            return Picked(node, input, stored, new int[result]);
        if (result % size != 0 || phases > MaxFactor || Math.Abs(factor - phases) > 1e-6 || coordinates == "align_corners")
            throw new NotMappedException("interpolation by another than a whole factor, or with corners aligned; " +
                "export with align_corners=False");
        Shape shape = node.ShapeOf(input);
        ActivationValue[] parts = new ActivationValue[phases];
        Dictionary<int, ActivationValue> padded = [];
        for (int phase = 0; phase < phases; phase++)
        {
            double at = Coordinate(phase, size, result, factor, coordinates);
            int first = (int)Math.Floor(at);
            double weight = at - first;
            if (first is not (-1 or 0))
                throw new NotMappedException($"coordinate_transformation_mode '{coordinates}'");
            if (weight < 1e-9 && first == 0)
            {
                parts[phase] = input;
                continue;
            }

            if (!padded.TryGetValue(first, out ActivationValue? around))
                padded[first] = around = Around(node, input, stored, isBefore: first < 0);
            KernelWindow window = stored == AxisLayout.Rows ? new KernelWindow(2, 1) : new KernelWindow(1, 2);
            float[] taps = [(float)(1 - weight), (float)weight];
            parts[phase] = node.Step(new Conv(shape.Channels, window, shape.Channels,
                [.. Enumerable.Range(0, shape.Channels).SelectMany(_ => taps)], [.. new float[shape.Channels]]), "phase", null, around);
        }

        int height = stored == AxisLayout.Rows ? result : shape.Height, width = stored == AxisLayout.Rows ? shape.Width : result;
        PixelPlace[] places = [.. Enumerable.Range(0, phases).Select(phase => stored == AxisLayout.Rows
            ? new PixelPlace(phase * width, phases * width, 1) : new PixelPlace(phase, width, phases))];
        return (new Assemble(height, width, [.. places]), parts);
    }

    // The first line once more in front, or the last one behind.
    private static ActivationValue Around(OnnxNode node, ActivationValue input, int stored, bool isBefore)
    {
        Shape shape = node.ShapeOf(input);
        bool isRows = stored == AxisLayout.Rows;
        int height = shape.Height + (isRows ? 1 : 0), width = shape.Width + (isRows ? 0 : 1), pixel = isRows ? width : 1;
        ActivationValue line = Line(node, input, stored, isBefore ? 0 : (isRows ? shape.Height : shape.Width) - 1);
        PixelPlace map = new(isBefore ? pixel : 0, width, 1),
            edge = new(isBefore ? 0 : (isRows ? shape.Height : shape.Width) * pixel, width, 1);
        return node.Step(new Assemble(height, width, [edge, map]), "edge", null, line, input);
    }
}
