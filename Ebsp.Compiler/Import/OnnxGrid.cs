using Ebsp.Compiler.Import.ConstantFolding;

namespace Ebsp.Compiler.Import;

/// <summary>The grid on which the values of a constant lie: it was dequantized from 8-bit integers.</summary>
/// <param name="Steps">One step for all values, or one for each index of the axis; positive and finite.</param>
/// <param name="Axis">The axis of the steps.</param>
internal sealed record OnnxGrid(float[] Steps, int Axis)
{
    /// <summary>The grid of what a node of constants makes, or null.</summary>
    /// <param name="type">Its operator.</param>
    /// <param name="attributes">Its attributes.</param>
    /// <param name="inputs">What it reads.</param>
    public static OnnxGrid? Of(string type, OnnxAttributes attributes, IReadOnlyList<OnnxConstant?> inputs)
    {
        if (inputs.Count == 0 || inputs[0] is not { } first)
            return null;
        int rank = first.Dims.Length;
        switch (type)
        {
            case "DequantizeLinear":
                bool isByte = first.Tensor.Type is ElementType.Int8 or ElementType.UInt8;
                long axis = attributes.Int("axis", 1);
                return isByte && inputs[1]?.Floats is { } steps && inputs[1]!.Dims.Length < 2
                    && steps.All(step => step > 0 && float.IsFinite(step))
                    ? new OnnxGrid(steps, (int)(axis < 0 ? axis + rank : axis)) : null;
            case "Transpose" when first.Grid is { } grid:
                long[]? order = attributes.Ints("perm");
                return grid with { Axis = order is null ? rank - 1 - grid.Axis : Array.IndexOf(order, grid.Axis) };
            case "Identity" or "Dropout":
                return first.Grid;
            case "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" or "Slice":
                return first.Grid?.Steps.Length == 1 ? first.Grid : null;
            default:
                return null;
        }
    }
}
