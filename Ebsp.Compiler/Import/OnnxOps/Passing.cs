namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Nodes that vanish: Identity, Dropout, Constant.</summary>
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

    public static void Constant(OnnxNode node)
    {
        OnnxConstant? constant = node.Tensor("value")
            ?? (node.FloatList("value_floats") is { } floats ? new OnnxConstant([floats.Length], floats) : null)
            ?? (node.Ints("value_ints") is { } integers ? new OnnxConstant([integers.Length], integers) : null)
            ?? (node.Has("value_float") ? new OnnxConstant([], [node.Float("value_float", 0)]) : null)
            ?? (node.Has("value_int") ? new OnnxConstant([], [node.Int("value_int", 0)]) : null);
        node.Fold(constant ?? throw new NotMappedException("a constant that is neither float32 nor integer"));
    }
}
