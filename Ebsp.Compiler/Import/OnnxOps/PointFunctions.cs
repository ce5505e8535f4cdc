using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>
/// Functions of each value, tables over 8-bit values: those that have a kind of their own, and all that <see cref="PointFormulas"/> writes
/// out.
/// </summary>
internal static class PointFunctions
{
    public static void LeakyRelu(OnnxNode node) =>
        Emit(node, "LeakyRelu", new PointFunction(PointFunctionKind.LeakyRelu, node.Float("alpha", 0.01f)));

    public static void PRelu(OnnxNode node)
    {
        float[] slopes = node.Floats(1);
        ActivationValue input = node.Activation(0);
        if (slopes.Length > 0 && slopes.All(slope => slope == slopes[0]))
        {
            PointExpression leaky = PointExpression.Max(PointExpression.Input, 0)
                + slopes[0] * PointExpression.Min(PointExpression.Input, 0);
            node.EmitFunction(leaky, new PointFunction(PointFunctionKind.LeakyRelu, slopes[0]), input);
            return;
        }

        ElementAffine slope = Arithmetic.Stored(node, ref input, 1, value => (value, 0));
        if (slope.Factor.Length != node.ShapeOf(input).Channels)
            throw new NotMappedException("slopes that are not one a channel");
        ActivationValue above = node.Step(new Clamp(0, float.PositiveInfinity), "above", null, input);
        ActivationValue below = node.Step(new Clamp(float.NegativeInfinity, 0), "below", null, input);
        node.Emit(new Add(), above, node.Step(new ChannelAffine([.. slope.Factor], [.. slope.Offset]), "sloped", null, below));
    }

    public static void Elu(OnnxNode node) => Emit(node, "Elu", new PointFunction(PointFunctionKind.Elu, node.Float("alpha", 1)));

    public static void Sigmoid(OnnxNode node) => Emit(node, "Sigmoid", new PointFunction(PointFunctionKind.Sigmoid));

    public static void HardSigmoid(OnnxNode node) => Emit(node, "HardSigmoid",
        new PointFunction(PointFunctionKind.HardSigmoid, node.Float("alpha", 0.2f), node.Float("beta", 0.5f)));

    public static void HardSwish(OnnxNode node) => Emit(node, "HardSwish", new PointFunction(PointFunctionKind.HardSwish));

    public static void Tanh(OnnxNode node) => Emit(node, "Tanh", new PointFunction(PointFunctionKind.Tanh));

    /// <summary>Any other function of the table.</summary>
    public static Action<OnnxNode> Of(string type) => node => Emit(node, type, new PointFunction(PointFormulas.All[type](node)));

    public static void Pow(OnnxNode node)
    {
        if (node.Input(0) is ActivationValue input && node.Input(1) is ConstantValue && node.Floats(1) is [float exponent])
            Written(node, PointExpression.Of(PointStepKind.Pow, PointExpression.Input, exponent), input);
        else if (node.Input(0) is ConstantValue && node.Input(1) is ActivationValue power && node.Floats(0) is [float basis])
            Written(node, PointExpression.Of(PointStepKind.Pow, basis, PointExpression.Input), power);
        else
            throw new NotMappedException("a power without a constant number");
    }

    /// <summary>A function that is written out.</summary>
    public static void Written(OnnxNode node, PointExpression function, ActivationValue input) =>
        node.EmitFunction(function, new PointFunction(function), input);

    private static void Emit(OnnxNode node, string type, PointFunction function)
    {
        ActivationValue input = node.Activation(0);
        node.EmitFunction(PointFormulas.All[type](node), function, input);
    }
}
