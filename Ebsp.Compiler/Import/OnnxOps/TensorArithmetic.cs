using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Sub and Mul of two tensors that the network computes.</summary>
internal static class TensorArithmetic
{
    /// <summary>Whether both operands are computed.</summary>
    public static bool Takes(OnnxNode node) => node.Input(0) is ActivationValue && node.Input(1) is ActivationValue;

    public static void Sub(OnnxNode node)
    {
        ActivationValue a = node.Activation(0), b = node.Activation(1);
        if (!a.Dims.SequenceEqual(b.Dims))
            throw new NotMappedException($"a subtraction of {b.DimsText} from {a.DimsText}; tensors of one shape map");
        node.Emit(new Subtract(), a.IsFlat, a, b);
    }

    public static void Mul(OnnxNode node)
    {
        ActivationValue a = node.Activation(0), b = node.Activation(1);
        if (a.Dims.SequenceEqual(b.Dims) || IsGate(b, a))
            node.Emit(new Multiply(), a.IsFlat, a, b);
        else if (IsGate(a, b))
            node.Emit(new Multiply(), b.IsFlat, b, a);
        else
            throw new NotMappedException($"a product of {a.DimsText} and {b.DimsText}; one of them may be C x 1 x 1");

        // One value a channel of a map.
        bool IsGate(ActivationValue gate, ActivationValue map)
        {
            Shape shape = node.ShapeOf(map);
            return map.Dims.SequenceEqual([shape.Channels, shape.Height, shape.Width]) && gate.Dims.SequenceEqual([shape.Channels, 1, 1])
                && node.ShapeOf(gate) == new Shape(shape.Channels, 1, 1);
        }
    }
}
