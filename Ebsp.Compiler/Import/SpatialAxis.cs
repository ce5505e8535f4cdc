using System.Globalization;

namespace Ebsp.Compiler.Import;

/// <summary>One spatial axis of a convolution or pool: kernel_shape, strides, dilations, pads, auto_pad and ceil_mode of ONNX.</summary>
/// <param name="Size">Elements of the axis.</param>
/// <param name="Kernel">Taps of the window.</param>
/// <param name="Stride">Elements between two windows.</param>
/// <param name="Dilation">Elements between two taps.</param>
/// <param name="Before">Padding in front.</param>
/// <param name="After">Padding behind.</param>
/// <param name="CeilMode">Whether a last, partly empty window counts.</param>
internal sealed record SpatialAxis(int Size, int Kernel, int Stride, int Dilation, int Before, int After, bool CeilMode)
{
    /// <summary>Number of windows; less than 1 where none fits.</summary>
    public int Outputs
    {
        get
        {
            long room = (long)Size + Before + After - ((Kernel - 1L) * Dilation + 1);
            if (room < 0)
                return 0;
            long outputs = room / Stride + 1;
            // A window that would start in the padding behind the axis is dropped.
            return (int)(CeilMode && room % Stride != 0 && outputs * Stride < (long)Size + Before ? outputs + 1 : outputs);
        }
    }

    /// <summary>Element under a tap; outside of 0..Size-1 in the padding.</summary>
    public int Position(int window, int tap) => window * Stride - Before + tap * Dilation;

    /// <summary>Taps of a window that fall on the axis or its padding.</summary>
    public int TapsWithPadding(int window)
    {
        int taps = 0;
        for (int tap = 0; tap < Kernel; tap++)
            taps += Position(window, tap) < Size + After ? 1 : 0;
        return taps;
    }

    /// <summary>The axes of a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="sizes">Sizes of the spatial axes.</param>
    /// <param name="kernel">Taps along each; null where the attribute kernel_shape must say it.</param>
    /// <exception cref="NotMappedException">The attributes contradict each other or the axes.</exception>
    public static SpatialAxis[] Read(OnnxAttributes node, int[] sizes, int[]? kernel)
    {
        int rank = sizes.Length;
        int[]? taps = node.Has("kernel_shape") ? List(node, "kernel_shape", rank, 1) : null;
        if (taps is not null && kernel is not null && !taps.SequenceEqual(kernel))
            throw new NotMappedException("kernel_shape differs from the shape of the weights");
        taps ??= kernel ?? throw new NotMappedException("no kernel_shape");
        if (taps.Aggregate(1L, (product, tap) => Math.Min(product * tap, MaxExtent + 1L)) > MaxExtent)
            throw new NotMappedException("a window of more than 2^28 taps");
        int[] strides = List(node, "strides", rank, 1), dilations = List(node, "dilations", rank, 1);
        int[] pads = List(node, "pads", 2 * rank, 0);
        string mode = node.Text("auto_pad", "NOTSET");
        bool ceilMode = node.Int("ceil_mode", 0) != 0 && mode == "NOTSET";
        SpatialAxis[] axes = new SpatialAxis[rank];
        for (int i = 0; i < rank; i++)
        {
            (int before, int after) = mode switch
            {
                "NOTSET" => (pads[i], pads[i + rank]),
                "VALID" => (0, 0),
                // The odd element goes behind the axis in SAME_UPPER, in front of it in SAME_LOWER.
                "SAME_UPPER" => (Total(i) / 2, Total(i) - Total(i) / 2),
                "SAME_LOWER" => (Total(i) - Total(i) / 2, Total(i) / 2),
                _ => throw new NotMappedException($"auto_pad '{mode}'"),
            };
            axes[i] = new SpatialAxis(sizes[i], taps[i], strides[i], dilations[i], before, after, ceilMode);
        }

        return axes;

        int Total(int i)
        {
            long outputs = ((long)sizes[i] + strides[i] - 1) / strides[i];
            long span = (taps[i] - 1L) * dilations[i] + 1;
            long total = Math.Max((outputs - 1) * strides[i] + span - sizes[i], 0);
            return total <= MaxExtent
                ? (int)total
                : throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"pads of {total}"));
        }
    }

    // Keeps every sum of a position, a pad and a span inside int32.
    private const int MaxExtent = 1 << 28;

    private static int[] List(OnnxAttributes node, string attribute, int count, int absent)
    {
        long[] values = node.Ints(attribute) ?? [.. Enumerable.Repeat((long)absent, count)];
        if (values.Length != count)
            throw new NotMappedException(
                string.Create(CultureInfo.InvariantCulture, $"{values.Length} {attribute} where {count} are needed"));
        foreach (long value in values)
        {
            if (value < absent || value > MaxExtent)
                throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"{attribute} of {value}"));
        }

        return [.. values.Select(value => (int)value)];
    }
}
