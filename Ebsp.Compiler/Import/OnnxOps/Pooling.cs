using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>MaxPool, AveragePool, GlobalAveragePool, ReduceMean.</summary>
internal static class Pooling
{
    public static void MaxPool(OnnxNode node)
    {
        ActivationValue input = node.MapData(0);
        // storage_order orders the second output, which is not supported.
        node.Ignore("storage_order");
        WindowGeometry window = Window(node, input, out bool ceilMode);
        node.Emit(new MaxPool(window, ceilMode), isFlat: false, input);
    }

    public static void AveragePool(OnnxNode node)
    {
        ActivationValue input = node.Map(0);
        bool countsPadding = node.Int("count_include_pad", 0) != 0;
        WindowGeometry window = Window(node, input, out bool ceilMode);
        node.Emit(new AveragePool(window, ceilMode, countsPadding), isFlat: false, input);
    }

    public static void GlobalAveragePool(OnnxNode node) => Global(node, isFlat: false);

    public static void ReduceMean(OnnxNode node)
    {
        // Operator set 18 made the axes an input.
        long[]? axes = node.Opset >= 18 ? (node.HasInput(1) ? node.Integers(1) : null) : node.Ints("axes");
        bool keepsRank = node.Int("keepdims", 1) != 0;
        node.Ignore("noop_with_empty_axes");
        node.Map(0);
        if (axes is null || !axes.Select(axis => axis < 0 ? axis + 4 : axis).Order().SequenceEqual([2L, 3L]))
            throw new NotMappedException("a mean over other axes than rows and columns");
        Global(node, isFlat: !keepsRank);
    }

    private static void Global(OnnxNode node, bool isFlat)
    {
        ActivationValue input = node.Map(0);
        Shape shape = node.ShapeOf(input);
        node.Emit(new AveragePool(new WindowGeometry(shape.Height, shape.Width), CeilMode: false, CountIncludesPadding: false), isFlat, input);
    }

    private static WindowGeometry Window(OnnxNode node, ActivationValue input, out bool ceilMode)
    {
        (int rows, int columns) = Windows.Kernel(node) ?? throw new NotMappedException("no kernel_shape");
        WindowGeometry window = Windows.Read(node, node.ShapeOf(input), rows, columns, out bool isAutomatic);
        ceilMode = node.Int("ceil_mode", 0) != 0 && !isAutomatic;
        return window;
    }
}
