using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>kernel_shape, strides, dilations, pads and auto_pad of convolutions and pools.</summary>
internal static class Windows
{
    /// <summary>The window of a node over a map.</summary>
    /// <param name="node">The node.</param>
    /// <param name="shape">The map.</param>
    /// <param name="kernelRows">R.</param>
    /// <param name="kernelColumns">S.</param>
    /// <param name="isAutomatic">Whether auto_pad chose the pads (ceil_mode then means nothing).</param>
    public static WindowGeometry Read(OnnxNode node, Shape shape, int kernelRows, int kernelColumns, out bool isAutomatic)
    {
        int[] strides = Pair(node, "strides");
        int[] dilations = Pair(node, "dilations");
        WindowGeometry window = new(kernelRows, kernelColumns, strides[0], strides[1], DilationY: dilations[0], DilationX: dilations[1]);
        long[]? pads = node.Ints("pads");
        string mode = node.Text("auto_pad", "NOTSET");
        isAutomatic = mode != "NOTSET";
        switch (mode)
        {
            case "NOTSET":
                if (pads is null)
                    return window;
                if (pads.Length != 4)
                    throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"{pads.Length} pads for a window of two dimensions"));
                return window with
                {
                    PadTop = Int(pads[0], "pads"), PadLeft = Int(pads[1], "pads"), PadBottom = Int(pads[2], "pads"), PadRight = Int(pads[3], "pads"),
                };
            case "VALID":
                return window;
            case "SAME_UPPER" or "SAME_LOWER":
                int rows = Total(shape.Height, strides[0], kernelRows, dilations[0]);
                int columns = Total(shape.Width, strides[1], kernelColumns, dilations[1]);
                // The odd row goes behind the map in SAME_UPPER, in front of it in SAME_LOWER.
                int top = mode == "SAME_UPPER" ? rows / 2 : rows - rows / 2;
                int left = mode == "SAME_UPPER" ? columns / 2 : columns - columns / 2;
                return window with { PadTop = top, PadLeft = left, PadBottom = rows - top, PadRight = columns - left };
            default:
                throw new NotMappedException($"auto_pad '{mode}'");
        }
    }

    /// <summary>R and S of the attribute kernel_shape, or null where it is absent.</summary>
    public static (int Rows, int Columns)? Kernel(OnnxNode node)
    {
        if (node.Ints("kernel_shape") is not { } kernel)
            return null;
        return kernel.Length == 2
            ? (Positive(kernel[0], "kernel_shape"), Positive(kernel[1], "kernel_shape"))
            : throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"a window of {kernel.Length} dimension(s)"));
    }

    private static int Total(int size, int stride, int kernel, int dilation)
    {
        long outputs = ((long)size + stride - 1) / stride;
        long span = (kernel - 1L) * dilation + 1;
        return Int(Math.Max((outputs - 1) * stride + span - size, 0), "pads");
    }

    private static int[] Pair(OnnxNode node, string attribute)
    {
        if (node.Ints(attribute) is not { } values)
            return [1, 1];
        return values.Length == 2
            ? [Positive(values[0], attribute), Positive(values[1], attribute)]
            : throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"{values.Length} {attribute} for a window of two dimensions"));
    }

    private static int Positive(long value, string attribute) =>
        value >= 1 ? Int(value, attribute) : throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"{attribute} of {value}"));

    private static int Int(long value, string attribute) => value is >= int.MinValue and <= int.MaxValue
        ? (int)value
        : throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"{attribute} of {value}"));
}
