namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>Transpose, Slice, Concat, Pad, Gather: elements change their places and nothing else.</summary>
internal static class Moving
{
    public static HostTensor Transpose(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        int[] from = node.Ints("perm") is { } order
            ? [.. order.Select(axis => OnnxAttributes.Axis(axis, x.Rank))]
            : [.. Enumerable.Range(0, x.Rank).Reverse()];
        if (from.Length != x.Rank || from.Distinct().Count() != x.Rank)
            throw new NotMappedException("a perm that is no order of the axes");
        int[] strides = Places.Strides(x.Dims);
        return Pick(node, x, [.. from.Select(axis => Run(0, strides[axis], x.Dims[axis]))]);
    }

    public static HostTensor Slice(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        // Operator set 10 made the parameters inputs.
        bool byInputs = node.Opset >= 10;
        long[] starts = (byInputs ? node.Integers(1) : node.Ints("starts")) ?? throw new NotMappedException("no starts");
        long[] ends = (byInputs ? node.Integers(2) : node.Ints("ends")) ?? throw new NotMappedException("no ends");
        long[] axes = (byInputs ? node.Integers(3) : node.Ints("axes")) ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[]? steps = byInputs ? node.Integers(4) : null;
        if (ends.Length != starts.Length || axes.Length != starts.Length || (steps?.Length ?? starts.Length) != starts.Length)
            throw new NotMappedException("starts, ends, axes and steps of different lengths");
        int[][] all = Whole(x);
        for (int i = 0; i < starts.Length; i++)
        {
            int axis = OnnxAttributes.Axis(axes[i], x.Rank);
            all[axis] = Cut(all[axis], starts[i], ends[i], steps?[i] ?? 1);
        }

        return Pick(node, x, all);
    }

    public static HostTensor Concat(EvaluatedNode node)
    {
        _ = node.Input(0);
        HostTensor[] parts = [.. Enumerable.Range(0, node.InputCount).Select(node.Input)];
        if (parts.Length == 0)
            throw new NotMappedException("a concatenation of nothing");
        // Operator set 4 made the axis obligatory.
        int axis = OnnxAttributes.Axis(node.Int("axis", 1), parts[0].Rank);
        int[] dims = [.. parts[0].Dims];
        foreach (HostTensor part in parts[1..])
        {
            if (part.Type != parts[0].Type || part.Rank != dims.Length || part.Dims.Where((dim, i) => i != axis && dim != dims[i]).Any())
                throw new NotMappedException($"a concatenation of {string.Join(", ", parts.Select(each => each.DimsText))}");
            dims[axis] = (int)Math.Min((long)dims[axis] + part.Dims[axis], int.MaxValue);
        }

        int[] places = new int[node.Count(dims)];
        int outer = dims[..axis].Aggregate(1, (product, dim) => product * dim), at = 0;
        for (int o = 0; o < outer; o++)
        {
            int begin = 0;
            foreach (HostTensor part in parts)
            {
                int run = part.Count / Math.Max(outer, 1);
                for (int i = 0; i < run; i++)
                    places[at++] = begin + o * run + i;
                begin += part.Count;
            }
        }

        return parts[0].Chain(parts[1..]).Pick(dims, places);
    }

    public static HostTensor Pad(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        string mode = node.Text("mode", "constant");
        // Operator set 11 made the parameters inputs, 18 added axes.
        bool byInputs = node.Opset >= 11;
        long[] pads = (byInputs ? node.Integers(1) : node.Ints("pads")) ?? throw new NotMappedException("no pads");
        HostTensor? filling = byInputs ? node.Optional(2) : HostTensor.FromDoubles(x.Type, [], [node.Float("value", 0)]);
        long[] axes = (byInputs ? node.Integers(3) : null) ?? [.. Enumerable.Range(0, x.Rank).Select(i => (long)i)];
        if (pads.Length != 2 * axes.Length || filling is not null && (filling.Type != x.Type || filling.Count != 1))
            throw new NotMappedException("pads that do not go with the axes, or a value of another type");
        int[][] all = Whole(x);
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = OnnxAttributes.Axis(axes[i], x.Rank);
            long before = pads[i], after = pads[i + axes.Length], length = all[axis].Length + before + after;
            if (before is < -MaxPad or > MaxPad || after is < -MaxPad or > MaxPad || length is < 0 or > int.MaxValue)
                throw new NotMappedException("pads beyond the tensor");
            node.Count([(int)length]);
            int[] old = all[axis];
            all[axis] = [.. Enumerable.Range(0, (int)length).Select(k => Padded(old, k - (int)before, mode))];
        }

        return Pick(node, x, all, filling);
    }

    public static HostTensor Gather(EvaluatedNode node)
    {
        HostTensor x = node.Input(0), indices = node.Input(1);
        int axis = OnnxAttributes.Axis(node.Int("axis", 0), x.Rank);
        int stride = Places.Strides(x.Dims)[axis];
        int[][] all = Whole(x);
        all[axis] = [.. node.Integers(1)!.Select(index => OnnxAttributes.Axis(index, x.Dims[axis]) * stride)];
        int[] dims = [.. x.Dims[..axis], .. indices.Dims, .. x.Dims[(axis + 1)..]];
        return dims.Length <= HostTensor.MaxRank ? Pick(node, x, all).With(dims) : throw new NotMappedException("more than 8 dimensions");
    }

    public static HostTensor Tile(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        long[] repeats = node.Integers(1) ?? throw new NotMappedException("no repeats");
        if (repeats.Length != x.Rank || repeats.Any(times => times < 0))
            throw new NotMappedException("repeats that are not one number an axis");
        int[][] all = Whole(x);
        for (int axis = 0; axis < all.Length; axis++)
        {
            int[] once = all[axis];
            int length = node.Count([once.Length, (int)Math.Min(repeats[axis], int.MaxValue)]);
            all[axis] = [.. Enumerable.Range(0, length).Select(i => once[i % once.Length])];
        }

        return Pick(node, x, all);
    }

    public static HostTensor Expand(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        long[] target = node.Integers(1) ?? throw new NotMappedException("no shape");
        if (target.Length > HostTensor.MaxRank || target.Any(dim => dim is < 0 or > int.MaxValue))
            throw new NotMappedException("a shape beyond 8 dimensions, or with a negative one");
        int[] dims = HostTensor.Bounded(Places.Common(x.Dims, [.. target.Select(dim => (int)dim)]));
        return x.Pick(dims, Places.Broadcast(x.Dims, dims, node.Count(dims)));
    }

    public static HostTensor[] Split(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        int axis = OnnxAttributes.Axis(node.Int("axis", 0), x.Rank), parts = node.OutputCount, extent = x.Dims[axis];
        // Operator set 13 made the sizes an input, 18 lets them be left out with the number of outputs.
        long[]? sizes = node.Opset >= 13 ? node.Integers(1) : node.Ints("split");
        node.Int("num_outputs", 0);
        int even = (extent + parts - 1) / parts;
        sizes ??= [.. Enumerable.Range(0, parts).Select(i => (long)Math.Clamp(extent - i * even, 0, even))];
        if (sizes.Length != parts || sizes.Any(size => size < 0 || size > extent) || sizes.Sum() != extent)
            throw new NotMappedException("parts that do not make the whole");
        int first = 0;
        return [.. sizes.Select(size =>
        {
            int[][] all = Whole(x);
            all[axis] = all[axis][first..(first += (int)size)];
            return Pick(node, x, all);
        })];
    }

    private const long MaxPad = 1 << 29;

    private static HostTensor Pick(EvaluatedNode node, HostTensor x, int[][] axes, HostTensor? filling = null)
    {
        int[] dims = [.. axes.Select(axis => axis.Length)];
        return x.Pick(dims, Places.Of(axes, node.Count(dims)), filling);
    }

    private static int[][] Whole(HostTensor x)
    {
        int[] strides = Places.Strides(x.Dims);
        return [.. x.Dims.Select((dim, axis) => Run(0, strides[axis], dim))];
    }

    private static int[] Run(int first, int step, int count) => [.. Enumerable.Range(0, count).Select(i => first + i * step)];

    /// <summary>Every step-th of the indices from start on, the end left out; ends beyond the axis mean the axis.</summary>
    private static int[] Cut(int[] axis, long start, long end, long step)
    {
        if (step == 0)
            throw new NotMappedException("a step of 0");
        int length = axis.Length;
        // Walking down, one in front of the first is an end of its own: -1.
        long first = Math.Clamp(start < 0 ? start + length : start, 0, step > 0 ? length : Math.Max(length - 1, 0));
        long behind = Math.Clamp(end < 0 ? end + length : end, step > 0 ? 0 : -1, length);
        List<int> taken = [];
        for (Int128 i = first; step > 0 ? i < behind : i > behind && length > 0; i += step)
            taken.Add(axis[(int)i]);
        return [.. taken];
    }

    private static int Padded(int[] axis, int index, string mode)
    {
        int length = axis.Length;
        if (index >= 0 && index < length)
            return axis[index];
        if (mode != "constant" && length == 0)
            throw new NotMappedException("padding of an empty axis");
        int period = Math.Max(2 * (length - 1), 1);
        return mode switch
        {
            "constant" => -1,
            "edge" => axis[index < 0 ? 0 : length - 1],
            "wrap" => axis[(index % length + length) % length],
            "reflect" => axis[length - 1 - Math.Abs(length - 1 - (index % period + period) % period)],
            _ => throw new NotMappedException($"mode '{mode}'"),
        };
    }
}
