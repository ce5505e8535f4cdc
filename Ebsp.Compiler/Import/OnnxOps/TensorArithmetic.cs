using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Add, Sub and Mul of two tensors that the network computes.</summary>
internal static class TensorArithmetic
{
    public static void Emit(OnnxNode node, PointStepKind kind, ActivationValue a, ActivationValue b)
    {
        if (node.EmitsFunction(kind, a, b))
            return;
        switch (kind)
        {
            case PointStepKind.Add:
                (a, b) = OfOneShape(node, "an addition", a, b);
                node.Emit(new Add(), a, b);
                break;
            case PointStepKind.Sub:
                (a, b) = OfOneShape(node, "a subtraction", a, b);
                node.Emit(new Subtract(), a, b);
                break;
            case PointStepKind.Mul:
                Multiply(node, a, b);
                break;
            default:
                throw new NotMappedException("the quotient of two tensors; a product of two, or a constant divisor, maps");
        }
    }

    /// <summary>Two tensors of one shape whose elements lie in one order.</summary>
    public static (ActivationValue A, ActivationValue B) OfOneShape(OnnxNode node, string what, ActivationValue a, ActivationValue b)
    {
        if (!a.Layout.Equals(b.Layout))
            (a, b) = (node.InOrder(a), node.InOrder(b));
        return a.Layout.Equals(b.Layout) ? (a, b)
            : throw new NotMappedException($"{what} of {a.Layout} and {b.Layout}; tensors of one shape, their axes in one order, map");
    }

    private static void Multiply(OnnxNode node, ActivationValue a, ActivationValue b)
    {
        if (a.Layout.Equals(b.Layout) || IsGate(b, a))
            node.Emit(new Multiply(), a, b);
        else if (IsGate(a, b))
            node.Emit(new Multiply(), b, a);
        else
            throw new NotMappedException($"a product of {a.Layout} and {b.Layout}; one of them may be C x 1 x 1");
    }

    // One value a channel of a map.
    private static bool IsGate(ActivationValue gate, ActivationValue map)
    {
        AxisLayout layout = gate.Layout.Rank < map.Rank
            ? gate.Layout.WithOnes(Enumerable.Range(0, map.Rank - gate.Layout.Rank)) : gate.Layout;
        return map.Layout.Reduced([AxisLayout.Rows, AxisLayout.Columns], [], keeps: true).Equals(layout);
    }
}
