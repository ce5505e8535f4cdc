using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>LeakyRelu, PRelu, Elu, Sigmoid, HardSigmoid, HardSwish, Tanh: tables over 8-bit values.</summary>
internal static class PointFunctions
{
    public static void LeakyRelu(OnnxNode node) => Emit(node, new PointFunction(PointFunctionKind.LeakyRelu, node.Float("alpha", 0.01f)));

    public static void PRelu(OnnxNode node)
    {
        float[] slopes = node.Floats(1);
        if (slopes.Length == 0 || slopes.Any(slope => slope != slopes[0]))
            throw new NotMappedException("a slope for each channel; one slope for all maps");
        Emit(node, new PointFunction(PointFunctionKind.LeakyRelu, slopes[0]));
    }

    public static void Elu(OnnxNode node) => Emit(node, new PointFunction(PointFunctionKind.Elu, node.Float("alpha", 1)));

    public static void Sigmoid(OnnxNode node) => Emit(node, new PointFunction(PointFunctionKind.Sigmoid));

    public static void HardSigmoid(OnnxNode node) =>
        Emit(node, new PointFunction(PointFunctionKind.HardSigmoid, node.Float("alpha", 0.2f), node.Float("beta", 0.5f)));

    public static void HardSwish(OnnxNode node) => Emit(node, new PointFunction(PointFunctionKind.HardSwish));

    public static void Tanh(OnnxNode node) => Emit(node, new PointFunction(PointFunctionKind.Tanh));

    private static void Emit(OnnxNode node, PointFunction function)
    {
        ActivationValue input = node.Activation(0);
        node.Emit(function, input.IsFlat, input);
    }
}
