using System.Globalization;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Concat: of feature maps along their channels, of vectors along their elements.</summary>
internal static class Joining
{
    public static void Concat(OnnxNode node)
    {
        ActivationValue[] inputs = [.. Enumerable.Range(0, node.InputCount).Select(node.Activation)];
        // Operator set 4 made the axis obligatory.
        int axis = OnnxAttributes.Axis(node.Int("axis", 1), inputs[0].Rank);
        if (inputs.Any(input => input.Rank != inputs[0].Rank))
            throw new NotMappedException("a concatenation of tensors of different rank");
        if (axis != 1)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"axis {axis}; channels are axis 1"));
        if (inputs.Any(input => input.Dims[0] != node.ShapeOf(input).Channels))
            throw new NotMappedException("a concatenation of flattened maps");
        if (inputs.Length == 1)
            node.Forward(inputs[0]);
        else
            node.Emit(new Concat(), inputs[0].IsFlat, inputs);
    }
}
