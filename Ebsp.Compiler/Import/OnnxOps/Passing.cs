namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Nodes that vanish: Identity, Dropout, Cast to float32; Shape, which is known.</summary>
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
        if (node.Int("to", 0) != (int)ConstantFolding.ElementType.Float32)
            throw new NotMappedException("a cast to another type than float32");
        node.Forward(node.Activation(0));
    }

    public static void Shape(OnnxNode node)
    {
        ActivationValue input = node.Activation(0);
        node.Fold(new OnnxConstant(
            ConstantFolding.Shaping.Shape(node, [ConstantFolding.HostTensor.Batch, .. input.Dims.Select(dim => (long)dim)])));
    }
}
