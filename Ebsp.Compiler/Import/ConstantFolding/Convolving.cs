using System.Globalization;

namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>Conv, ConvInteger, MaxPool, AveragePool and the global pools over any number of spatial axes, in plain loops and
/// double.</summary>
internal static class Convolving
{
    public static HostTensor Conv(EvaluatedNode node) =>
        Convolve(node, node.Input(0), node.Input(0).ToDoubles(), node.Input(1), node.Input(1).ToDoubles(), node.Optional(2)?.ToDoubles(),
        node.Input(0).Type);

    public static HostTensor ConvInteger(EvaluatedNode node)
    {
        HostTensor x = node.Input(0), w = node.Input(1);
        return Convolve(node, x, Quantizing.WithoutZero(x, node.Optional(2), 1), w, Quantizing.WithoutZero(w, node.Optional(3), 0), null,
            ElementType.Int32);
    }

    /// <summary>A convolution of values [N, C, ...] with weights [K, C/G, ...]; attributes from the node.</summary>
    public static HostTensor Convolve(EvaluatedNode node, HostTensor x, double[] values, HostTensor w, double[] weights, double[]? bias,
        ElementType type)
    {
        if (x.Rank < 3 || w.Rank != x.Rank)
            throw new NotMappedException($"a convolution of {x.DimsText} with weights {w.DimsText}");
        SpatialAxis[] axes = SpatialAxis.Read(node, x.Dims[2..], w.Dims[2..]);
        long groups = node.Int("group", 1);
        int channels = x.Dims[1], outputs = w.Dims[0];
        if (groups < 1 || w.Dims[1] * groups != channels || outputs % groups != 0 || bias is not null && bias.Length != outputs)
            throw new NotMappedException($"a convolution of {x.DimsText} with weights {w.DimsText}");
        int[] dims = Dims(x, outputs, axes);
        double[] result = node.Doubles(dims);
        int depth = w.Dims[1], taps = Product(w.Dims[2..]), plane = Product(x.Dims[2..]), groupOutputs = outputs / (int)groups;
        int windows = Product(dims[2..]);
        node.Work((Int128)result.Length * depth * taps + (Int128)windows * taps);
        for (int window = 0; window < windows; window++)
        {
            (int Tap, int Place)[] valid = Taps(axes, window);
            for (int map = 0; map < dims[0] * outputs; map++)
            {
                int k = map % outputs, first = (map / outputs * channels + k / groupOutputs * depth) * plane;
                double sum = bias?[k] ?? 0;
                for (int c = 0; c < depth; c++)
                {
                    foreach ((int tap, int place) in valid)
                        sum += values[first + c * plane + place] * weights[(k * depth + c) * taps + tap];
                }

                result[map * windows + window] = sum;
            }
        }

        return HostTensor.FromDoubles(type, dims, result);
    }

    public static HostTensor[] MaxPool(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        SpatialAxis[] axes = Axes(node, x);
        bool columnsFirst = node.Int("storage_order", 0) != 0;
        int plane = Product(x.Dims[2..]);
        double[] values = x.ToDoubles();
        double[]? indices = node.OutputCount > 1 ? node.Doubles(Dims(x, x.Dims[1], axes)) : null;
        HostTensor largest = Pool(node, x, axes, (map, _, taps, at) =>
        {
            int best = -1;
            foreach ((int _, int place) in taps)
            {
                if (best < 0 || values[map * plane + place] > values[map * plane + best] || double.IsNaN(values[map * plane + place]))
                    best = place;
            }

            if (best < 0)
                throw new NotMappedException("a pool's window that falls on padding alone");
            if (indices is not null)
                indices[at] = map * (double)plane + (columnsFirst ? Turned(best, x.Dims[2..]) : best);
            return values[map * plane + best];
        });
        return indices is null ? [largest] : [largest, HostTensor.FromDoubles(ElementType.Int64, largest.Dims, indices)];
    }

    public static HostTensor AveragePool(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        SpatialAxis[] axes = Axes(node, x);
        bool countsPadding = node.Int("count_include_pad", 0) != 0;
        int plane = Product(x.Dims[2..]);
        double[] values = x.ToDoubles();
        return Pool(node, x, axes, (map, window, taps, _) =>
            taps.Sum(tap => values[map * plane + tap.Place]) / (countsPadding ? WithPadding(axes, window) : taps.Length));
    }

    public static HostTensor GlobalAveragePool(EvaluatedNode node) => Global(node, map => map.Average());

    public static HostTensor GlobalMaxPool(EvaluatedNode node) => Global(node, map => map.Max());

    public static HostTensor GlobalLpPool(EvaluatedNode node)
    {
        double p = node.Int("p", 2);
        return Global(node, map => Math.Pow(map.Sum(value => Math.Pow(Math.Abs(value), p)), 1 / p));
    }

    private static HostTensor Global(EvaluatedNode node, Func<IEnumerable<double>, double> function)
    {
        HostTensor x = node.Input(0);
        if (x.Rank < 2 || x.Count == 0)
            throw new NotMappedException($"a pool of {x.DimsText}");
        int[] dims = [.. x.Dims.Select((dim, axis) => axis < 2 ? dim : 1)];
        return HostTensor.FromDoubles(x.Type, dims, [.. x.ToDoubles().Chunk(x.Count / node.Count(dims)).Select(function)]);
    }

    private static SpatialAxis[] Axes(EvaluatedNode node, HostTensor x) =>
        x.Rank >= 3 ? SpatialAxis.Read(node, x.Dims[2..], null) : throw new NotMappedException($"a pool of {x.DimsText}");

    private static HostTensor Pool(EvaluatedNode node, HostTensor x, SpatialAxis[] axes, Func<int, int, (int Tap, int Place)[], int,
        double> reduce)
    {
        int[] dims = Dims(x, x.Dims[1], axes);
        double[] result = node.Doubles(dims);
        int windows = Product(dims[2..]);
        node.Work((Int128)(result.Length + windows) * Product([.. axes.Select(axis => axis.Kernel)]));
        for (int window = 0; window < windows; window++)
        {
            (int Tap, int Place)[] valid = Taps(axes, window);
            for (int map = 0; map < dims[0] * dims[1]; map++)
                result[map * windows + window] = reduce(map, window, valid, map * windows + window);
        }

        return HostTensor.FromDoubles(x.Type, dims, result);
    }

    private static int[] Dims(HostTensor x, int channels, SpatialAxis[] axes)
    {
        int[] dims = [x.Dims[0], channels, .. axes.Select(axis => axis.Outputs)];
        return dims[2..].All(dim => dim >= 1)
            ? HostTensor.Bounded(dims)
            : throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"a window that does not fit {x.DimsText}"));
    }

    /// <summary>The taps of a window that fall on the map, with their places in its plane.</summary>
    private static (int Tap, int Place)[] Taps(SpatialAxis[] axes, int window)
    {
        int[] strides = Places.Strides([.. axes.Select(axis => axis.Size)]);
        int taps = Product([.. axes.Select(axis => axis.Kernel)]);
        List<(int, int)> valid = [];
        for (int tap = 0; tap < taps; tap++)
        {
            int place = 0;
            for (int i = axes.Length - 1, w = window, t = tap; i >= 0; w /= axes[i].Outputs, t /= axes[i].Kernel, i--)
            {
                int position = axes[i].Position(w % axes[i].Outputs, t % axes[i].Kernel);
                place = place < 0 || position < 0 || position >= axes[i].Size ? -1 : place + position * strides[i];
            }

            if (place >= 0)
                valid.Add((tap, place));
        }

        return [.. valid];
    }

    private static long WithPadding(SpatialAxis[] axes, int window)
    {
        long taps = 1;
        for (int i = axes.Length - 1; i >= 0; window /= axes[i].Outputs, i--)
            taps *= axes[i].TapsWithPadding(window % axes[i].Outputs);
        return taps;
    }

    /// <summary>The place of an element where the first axis moves fastest.</summary>
    private static long Turned(int place, int[] dims)
    {
        long turned = 0;
        for (int axis = dims.Length - 1; axis >= 0; place /= dims[axis], axis--)
            turned += (long)(place % dims[axis]) * Product(dims[..axis]);
        return turned;
    }

    private static int Product(int[] dims) => dims.Aggregate(1, (product, dim) => product * dim);
}
