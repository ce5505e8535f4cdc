using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>MaxPool, AveragePool and the global pools.</summary>
internal static class Pooling
{
    public static void MaxPool(OnnxNode node)
    {
        MapValue input = node.MapData(0);
        // storage_order orders the second output, which is not supported.
        node.Ignore("storage_order");
        KernelWindow window = KernelWindows.Read(node, input, null, out bool ceilMode);
        node.EmitMap(new MaxPool(window, ceilMode), input);
    }

    public static void AveragePool(OnnxNode node)
    {
        MapValue input = node.Map(0);
        bool countsPadding = node.Int("count_include_pad", 0) != 0;
        KernelWindow window = KernelWindows.Read(node, input, null, out bool ceilMode);
        if (countsPadding && ceilMode)
            OverPaddedMap(node, input, window);
        else
            node.EmitMap(new AveragePool(window, ceilMode, countsPadding), input);
    }

    public static void GlobalAveragePool(OnnxNode node)
    {
        MapValue input = node.Map(0);
        node.EmitMap(new AveragePool(Whole(node, input), CeilMode: false, CountIncludesPadding: false), input);
    }

    public static void GlobalMaxPool(OnnxNode node)
    {
        MapValue input = node.Map(0);
        node.EmitMap(new MaxPool(Whole(node, input), CeilMode: false), input);
    }

    private static KernelWindow Whole(OnnxNode node, MapValue input) => node.ShapeOf(input.Value) is var shape
        ? new KernelWindow(shape.Height, shape.Width) : null!;

    // The padding becomes part of the map, so that the divisor is the number of valid elements. A window that begins in the padding behind
    // the map is one of the padded map but none of ONNX's, and is cut off.
    private static void OverPaddedMap(OnnxNode node, MapValue input, KernelWindow window)
    {
        Shape shape = node.ShapeOf(input.Value);
        (int height, int width) = window.Output(shape.Height, shape.Width, ceilMode: true);
        KernelWindow bare = window with { PadTop = 0, PadLeft = 0, PadBottom = 0, PadRight = 0 };
        ActivationValue padded = window.IsPadded
            ? node.Step(new Pad(0, 0, window.PadTop, window.PadLeft, window.PadBottom, window.PadRight), "padded", input.LayoutOf,
                input.Value)
            : input.Value;
        AveragePool pool = new(bare, CeilMode: true, CountIncludesPadding: false);
        Shape outer = node.ShapeOf(padded);
        if (bare.Output(outer.Height, outer.Width, ceilMode: true) == (height, width))
        {
            node.EmitMap(pool, input with { Value = padded });
            return;
        }

        ActivationValue all = node.Step(pool, "all", input.LayoutOf, padded);
        node.EmitMap(new Slice(0, shape.Channels, 0, 1, height, 0, 1, width), input with { Value = all });
    }
}
