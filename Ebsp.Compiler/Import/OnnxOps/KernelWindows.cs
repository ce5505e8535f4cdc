using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>KernelWindows of convolutions and pools over maps [N, C, H, W], and over [N, C, W] as maps of one row.</summary>
internal static class KernelWindows
{
    /// <summary>The window of a node over a map.</summary>
    /// <param name="node">The node.</param>
    /// <param name="input">The map.</param>
    /// <param name="kernel">Rows and columns of the kernel, or columns alone; null where the attribute kernel_shape must say it.</param>
    /// <param name="ceilMode">Whether a last, partly empty window counts.</param>
    public static KernelWindow Read(OnnxNode node, MapValue input, int[]? kernel, out bool ceilMode)
    {
        Shape shape = node.ShapeOf(input.Value);
        SpatialAxis[] axes = SpatialAxis.Read(node, [.. input.Spatial.Select(stored => stored == AxisLayout.Rows ? shape.Height
            : shape.Width)], kernel);
        SpatialAxis none = new(1, 1, 1, 1, 0, 0, false);
        SpatialAxis y = Of(AxisLayout.Rows), x = Of(AxisLayout.Columns);
        ceilMode = axes[^1].CeilMode;
        return new KernelWindow(y.Kernel, x.Kernel, y.Stride, x.Stride, y.Before, x.Before, y.After, x.After, y.Dilation, x.Dilation);

        SpatialAxis Of(int stored) => Array.IndexOf(input.Spatial, stored) is >= 0 and var at ? axes[at] : none;
    }
}
