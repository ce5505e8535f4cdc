using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>MaxPool, AveragePool, GlobalMaxPool, GlobalAveragePool, ReduceMean.</summary>
internal static class Pooling
{
    public static void MaxPool(OnnxNode node)
    {
        ActivationValue input = node.MapData(0);
        // storage_order orders the second output, which is not supported.
        node.Ignore("storage_order");
        KernelWindow window = KernelWindows.Read(node, input, null, out bool ceilMode);
        node.Emit(new MaxPool(window, ceilMode), isFlat: false, input);
    }

    public static void AveragePool(OnnxNode node)
    {
        ActivationValue input = node.Map(0);
        bool countsPadding = node.Int("count_include_pad", 0) != 0;
        KernelWindow window = KernelWindows.Read(node, input, null, out bool ceilMode);
        if (countsPadding && ceilMode)
            OverPaddedMap(node, input, window);
        else
            node.Emit(new AveragePool(window, ceilMode, countsPadding), isFlat: false, input);
    }

    public static void GlobalAveragePool(OnnxNode node) => node.Emit(GlobalAverage(node), isFlat: false, node.Map(0));

    public static void GlobalMaxPool(OnnxNode node)
    {
        Shape shape = node.ShapeOf(node.Map(0));
        node.Emit(new MaxPool(new KernelWindow(shape.Height, shape.Width), CeilMode: false), isFlat: false, node.Map(0));
    }

    public static void ReduceMean(OnnxNode node)
    {
        // Operator set 18 made the axes an input.
        long[]? axes = node.Opset >= 18 ? (node.HasInput(1) ? node.Integers(1) : null) : node.Ints("axes");
        bool keepsRank = node.Int("keepdims", 1) != 0;
        node.Ignore("noop_with_empty_axes");
        ActivationValue input = node.Map(0);
        if (axes is null || !axes.Select(axis => (long)OnnxAttributes.Axis(axis, input.Rank)).Order()
            .SequenceEqual(Enumerable.Range(2, input.Rank - 2).Select(i => (long)i)))
            throw new NotMappedException("a mean over other axes than rows and columns");
        node.Emit(GlobalAverage(node), isFlat: !keepsRank, input);
    }

    private static AveragePool GlobalAverage(OnnxNode node)
    {
        Shape shape = node.ShapeOf(node.Map(0));
        return new AveragePool(new KernelWindow(shape.Height, shape.Width), CeilMode: false, CountIncludesPadding: false);
    }

    // The padding becomes part of the map, so that the divisor is the number of valid elements. A window that begins in the padding behind
    // the map is one of the padded map but none of ONNX's, and is cut off.
    private static void OverPaddedMap(OnnxNode node, ActivationValue input, KernelWindow window)
    {
        Shape shape = node.ShapeOf(input);
        (int height, int width) = window.Output(shape.Height, shape.Width, ceilMode: true);
        KernelWindow bare = window with { PadTop = 0, PadLeft = 0, PadBottom = 0, PadRight = 0 };
        ActivationValue padded = window.IsPadded
            ? node.Step(new Pad(0, 0, window.PadTop, window.PadLeft, window.PadBottom, window.PadRight), "padded", isFlat: false, input)
            : input;
        AveragePool pool = new(bare, CeilMode: true, CountIncludesPadding: false);
        Shape outer = node.ShapeOf(padded);
        if (bare.Output(outer.Height, outer.Width, ceilMode: true) == (height, width))
        {
            node.Emit(pool, isFlat: false, padded);
            return;
        }

        ActivationValue all = node.Step(pool, "all", isFlat: false, padded);
        node.Emit(new Slice(0, shape.Channels, 0, 1, height, 0, 1, width), isFlat: false, all);
    }
}
