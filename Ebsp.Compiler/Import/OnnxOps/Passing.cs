using Ebsp.Compiler.Import.ConstantFolding;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Nodes that vanish: Identity, Dropout, Cast to a float type; Shape, which is known.</summary>
internal static class Passing
{
    public static void Identity(OnnxNode node) => node.Forward(node.Input(0));

    public static void Dropout(OnnxNode node)
    {
        node.Ignore("ratio", "seed");
        if (node.Opset < 7 && node.Int("is_test", 0) == 0)
            throw new NotMappedException("is_test is not set");
        if (node.HasInput(2) && node.Integers(2).Any(flag => flag != 0))
            throw new NotMappedException("training_mode is set");
        node.Forward(node.Input(0));
    }

    public static void Cast(OnnxNode node)
    {
        node.Ignore("saturate", "round_mode");
        ElementType type = (ElementType)node.Int("to", 0);
        if (!type.IsFloat())
            throw new NotMappedException("a cast of computed values to integers; to float types it maps");
        node.Forward(node.Any(0) is { Stored: null } value ? value : throw new NotMappedException("input 0 holds quantized integers"));
    }

    public static void Shape(OnnxNode node)
    {
        AxisLayout layout = node.Any(0).Layout;
        node.Fold(new OnnxConstant(Shaping.Shape(node, [.. Enumerable.Range(0, layout.Rank).Select(layout.Size)])));
    }
}
