using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Sub and Mul of two tensors that the network computes.</summary>
internal static class TensorArithmetic
{
    /// <summary>Whether both operands are computed.</summary>
    public static bool Takes(OnnxNode node) => node.Input(0) is ActivationValue && node.Input(1) is ActivationValue;

    public static void Sub(OnnxNode node)
    {
        (ActivationValue a, ActivationValue b) = Operands(node);
        if (node.ShapeOf(a) != node.ShapeOf(b))
            throw new NotMappedException($"a subtraction of {node.ShapeOf(b)} from {node.ShapeOf(a)}");
        node.Emit(new Subtract(), a.IsFlat, a, b);
    }

    public static void Mul(OnnxNode node)
    {
        (ActivationValue a, ActivationValue b) = Operands(node);
        Shape x = node.ShapeOf(a), y = node.ShapeOf(b);
        if (x == y || y == new Shape(x.Channels, 1, 1))
            node.Emit(new Multiply(), a.IsFlat, a, b);
        else if (x == new Shape(y.Channels, 1, 1))
            node.Emit(new Multiply(), b.IsFlat, b, a);
        else
            throw new NotMappedException($"a product of {x} and {y}; one of them may be C x 1 x 1");
    }

    private static (ActivationValue A, ActivationValue B) Operands(OnnxNode node)
    {
        ActivationValue a = node.Activation(0), b = node.Activation(1);
        return a.IsFlat == b.IsFlat ? (a, b) : throw new NotMappedException("the operation of tensors of different rank");
    }
}
