using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Relu, Clip, Softmax, LogSoftmax, ArgMax, LpNormalization.</summary>
internal static class Activations
{
    public static void Relu(OnnxNode node)
    {
        ActivationValue input = node.Activation(0);
        node.EmitFunction(PointFormulas.Clamped(0, double.PositiveInfinity), new Clamp(0, float.PositiveInfinity), input);
    }

    public static void Clip(OnnxNode node)
    {
        ActivationValue input = node.Activation(0);
        // Operator set 11 made the bounds inputs.
        float minimum = node.Opset >= 11 ? Bound(node, 1, float.NegativeInfinity) : node.Float("min", float.NegativeInfinity);
        float maximum = node.Opset >= 11 ? Bound(node, 2, float.PositiveInfinity) : node.Float("max", float.PositiveInfinity);
        node.EmitFunction(PointFormulas.Clamped(minimum, maximum), new Clamp(minimum, maximum), input);
    }

    public static void Softmax(OnnxNode node) => OverClasses(node, new Softmax());

    public static void LogSoftmax(OnnxNode node) => OverClasses(node, new LogSoftmax());

    public static void ArgMax(OnnxNode node)
    {
        ActivationValue input = node.InOrder(node.Activation(0));
        int axis = OnnxAttributes.Axis(node.Int("axis", 0), input.Rank);
        if (!input.Layout.IsAllChannels(axis))
            throw new NotMappedException("an arg-max over another axis than the classes");
        if (node.Int("select_last_index", 0) != 0)
            throw new NotMappedException("select_last_index is set");
        // The answer is read as a class, whatever its dimensions are called.
        node.Int("keepdims", 1);
        node.Emit(new ArgMax(), input);
    }

    public static void LpNormalization(OnnxNode node)
    {
        ActivationValue input = node.InOrder(node.Activation(0));
        int axis = OnnxAttributes.Axis(node.Int("axis", -1), input.Rank);
        if (!input.Layout.IsAllChannels(axis))
            throw new NotMappedException("a normalization over another axis than the channels");
        node.Emit(new Normalize((int)node.Int("p", 2)), input);
    }

    private static void OverClasses(OnnxNode node, Op op)
    {
        ActivationValue input = node.InOrder(node.Activation(0));
        // Before operator set 13 everything from the axis on was one vector.
        int axis = OnnxAttributes.Axis(node.Int("axis", node.Opset >= 13 ? -1 : 1), input.Rank);
        bool isWhole = input.Layout.IsAllChannels(axis) && (node.Opset >= 13 || Enumerable.Range(axis + 1, input.Rank - axis - 1)
            .All(behind => input.Layout.SizeWithinImage(behind) == 1 && !input.Layout.IsBatch(behind)));
        isWhole |= node.Opset >= 13 ? input.Layout.IsWhole(axis) && node.ShapeOf(input) is { Height: 1, Width: 1 }
            : Enumerable.Range(0, axis).All(ahead => input.Layout.SizeWithinImage(ahead) == 1)
                && Enumerable.Range(axis, input.Rank - axis).All(each => !input.Layout.IsBatch(each))
                && node.ShapeOf(input) is { Height: 1, Width: 1 };
        if (!isWhole)
            throw new NotMappedException("a softmax over another axis than the classes");
        node.Emit(op, input);
    }

    private static float Bound(OnnxNode node, int index, float absent)
    {
        if (!node.HasInput(index))
            return absent;
        float[] bound = node.Floats(index);
        return bound.Length == 1 ? bound[0] : throw new NotMappedException("a bound that is not a scalar");
    }
}
