using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>
/// ConvTranspose, by phases: the outputs whose number leaves one remainder by the stride are those of an ordinary convolution of some of
/// the taps, reversed, and its pixels are written between those of the other phases.
/// </summary>
internal static class TransposedConvolution
{
    private const int MaxPhases = 256;

    public static void ConvTranspose(OnnxNode node)
    {
        MapValue input = node.Map(0);
        OnnxConstant weights = node.Constant(1);
        float[] values = node.Floats(1);
        float[]? bias = node.HasInput(2) ? node.Floats(2) : null;
        if (weights.Dims.Length != input.Value.Rank)
            throw new NotMappedException($"weights of shape {weights.DimsText}");
        int[] kernel = weights.Dims[2..];
        Shape shape = node.ShapeOf(input.Value);
        long group = node.Int("group", 1);
        if (group < 1 || shape.Channels % group != 0 || weights.Dims[0] != shape.Channels || weights.Dims[1] * group > 1 << 20)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture,
                $"weights of shape {weights.DimsText} for {shape.Channels} input channels in {group} group(s)"));
        int groups = (int)group, outputs = weights.Dims[1] * groups;
        if (bias is not null && bias.Length != outputs)
            throw new NotMappedException($"{bias.Length} biases for {outputs} channels");
        Axis[] axes = Axes(node, [.. input.Spatial.Select(stored => stored == AxisLayout.Rows ? shape.Height : shape.Width)], kernel);
        Axis none = new(1, 1, 1, 1, 0, 1);
        Axis y = Of(AxisLayout.Rows), x = Of(AxisLayout.Columns);
        if (y.Stride * x.Stride > MaxPhases)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"strides {y.Stride}, {x.Stride}"));
        node.RefuseUnreadAttributes();
        bool isTurned = input.Spatial is [AxisLayout.Columns, AxisLayout.Rows];
        List<ActivationValue> parts = [];
        List<PixelPlace> places = [];
        foreach (Phase row in y.Phases())
        {
            foreach (Phase column in x.Phases())
            {
                Conv conv = new(outputs, new KernelWindow(row.Taps.Length, column.Taps.Length, 1, 1, row.Before, column.Before, row.After,
                    column.After, row.Dilation, column.Dilation), groups,
                    Chosen(values, weights.Dims, groups, row.Taps, column.Taps, isTurned),
                    ImmutableCollectionsMarshal.AsImmutableArray(bias ?? new float[outputs]));
                if (y.Stride * x.Stride == 1)
                {
                    node.EmitMap(conv, input);
                    return;
                }

                parts.Add(node.Step(conv, "phase", input.LayoutOf, input.Value));
                places.Add(new PixelPlace(row.Number * x.Outputs + column.Number, y.Stride * x.Outputs, x.Stride));
            }
        }

        node.EmitAs(new Assemble(y.Outputs, x.Outputs, [.. places]), input.LayoutOf, [.. parts]);

        Axis Of(int stored) => Array.IndexOf(input.Spatial, stored) is >= 0 and var at ? axes[at] : none;
    }

    // [C, K/G, R, S] becomes [K, C/G, taps]; a tap of -1 is a zero.
    private static ImmutableArray<float> Chosen(float[] values, int[] dims, int groups, int[] rows, int[] columns, bool isTurned)
    {
        int inputs = dims[0] / groups, each = dims[1], taps = dims.Length == 4 ? dims[2] * dims[3] : dims[2];
        int stored = dims.Length == 4 ? dims[3] : 1;
        float[] chosen = new float[each * groups * inputs * rows.Length * columns.Length];
        int at = 0;
        for (int k = 0; k < each * groups; k++)
        {
            for (int c = 0; c < inputs; c++)
            {
                int from = ((k / each * inputs + c) * each + k % each) * taps;
                foreach (int row in rows)
                {
                    foreach (int column in columns)
                    {
                        int tap = dims.Length == 3 ? Math.Max(row, 0) + Math.Max(column, 0)
                            : isTurned ? column * stored + row : row * stored + column;
                        chosen[at++] = row < 0 || column < 0 ? 0 : values[from + tap];
                    }
                }
            }
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(chosen);
    }

    private static Axis[] Axes(OnnxNode node, int[] sizes, int[] kernel)
    {
        int rank = sizes.Length;
        long[] strides = node.Ints("strides") ?? [.. Enumerable.Repeat(1L, rank)];
        long[] dilations = node.Ints("dilations") ?? [.. Enumerable.Repeat(1L, rank)];
        long[] extra = node.Ints("output_padding") ?? new long[rank];
        long[]? pads = node.Ints("pads"), wanted = node.Ints("output_shape");
        string mode = node.Text("auto_pad", "NOTSET");
        if (node.Ints("kernel_shape") is { } given && !given.SequenceEqual(kernel.Select(taps => (long)taps)))
            throw new NotMappedException("kernel_shape differs from the shape of the weights");
        // Some exporters say the batch and the channels too.
        if (wanted?.Length == rank + 2)
            wanted = wanted[2..];
        if (strides.Length != rank || dilations.Length != rank || extra.Length != rank || (pads?.Length ?? 2 * rank) != 2 * rank
            || (wanted?.Length ?? rank) != rank
            || strides.Concat(dilations).Any(value => value is < 1 or > 255)
            || extra.Concat(pads ?? []).Any(value => value is < 0 or > 4096)
            || mode is not ("NOTSET" or "VALID" or "SAME_UPPER" or "SAME_LOWER"))
            throw new NotMappedException("strides, dilations, pads or auto_pad of ConvTranspose");
        Axis[] axes = new Axis[rank];
        for (int i = 0; i < rank; i++)
        {
            long span = (sizes[i] - 1L) * strides[i] + extra[i] + (kernel[i] - 1L) * dilations[i] + 1;
            long before = pads?[i] ?? 0, outputs;
            if (wanted is not null || mode.StartsWith("SAME", StringComparison.Ordinal))
            {
                outputs = wanted?[i] ?? sizes[i] * strides[i];
                long total = Math.Max(span - outputs, 0);
                before = mode == "SAME_UPPER" ? total / 2 : total - total / 2;
            }
            else
            {
                outputs = span - before - (pads?[i + rank] ?? 0);
            }

            if (outputs is < 1 or > 1 << 20)
                throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"a result of {outputs} rows or columns"));
            axes[i] = new Axis(sizes[i], kernel[i], (int)strides[i], (int)dilations[i], (int)before, (int)outputs);
        }

        return axes;
    }

    /// <summary>One phase along an axis: every Stride-th output from Number on.</summary>
    /// <param name="Number">The first output.</param>
    /// <param name="Taps">The taps that meet it in the order of the source; -1 for one that is zero.</param>
    /// <param name="Dilation">Elements of the source from tap to tap.</param>
    /// <param name="Before">Padding in front.</param>
    /// <param name="After">Padding behind.</param>
    private sealed record Phase(int Number, int[] Taps, int Dilation, int Before, int After);

    /// <summary>One spatial axis: output o is the sum over taps k of x[i] * w[k] with i * Stride = o + Before - k * Dilation.</summary>
    private sealed record Axis(int Size, int Kernel, int Stride, int Dilation, int Before, int Outputs)
    {
        public IEnumerable<Phase> Phases()
        {
            for (int phase = 0; phase < Math.Min(Stride, Outputs); phase++)
            {
                // Tap k reads element j + offset of the source for output phase + j * Stride.
                (int Tap, int Offset)[] met = [.. Enumerable.Range(0, Kernel).Where(k => (phase + Before - k * Dilation) % Stride == 0)
                    .Select(k => (k, (phase + Before - k * Dilation) / Stride)).OrderBy(each => each.Item2)];
                if (met.Length == 0)
                    met = [(-1, 0)];
                int apart = met.Length > 1 ? met[1].Offset - met[0].Offset : 1;
                List<int> taps = [.. met.Select(each => each.Tap)];
                int first = met[0].Offset, outputs = (Outputs - phase + Stride - 1) / Stride;
                // Zeros in front where the window would begin behind the first element.
                while (first > 0)
                {
                    taps.Insert(0, -1);
                    first -= apart;
                }

                int before = -first;
                while (outputs - 1 + (taps.Count - 1) * apart + 1 - before - Size < 0)
                    taps.Add(-1);
                yield return new Phase(phase, [.. taps], apart, before, outputs - 1 + (taps.Count - 1) * apart + 1 - before - Size);
            }
        }
    }
}
