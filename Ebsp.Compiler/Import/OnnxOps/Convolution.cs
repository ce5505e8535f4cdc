using System.Globalization;
using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Conv.</summary>
internal static class Convolution
{
    public static void Conv(OnnxNode node)
    {
        ActivationValue input = node.Map(0);
        OnnxConstant weights = node.Constant(1);
        if (weights.Dims.Length != 4)
            throw new NotMappedException($"weights of shape {weights.DimsText}");
        int outputs = weights.Dims[0];
        (int rows, int columns) = Windows.Kernel(node) ?? (weights.Dims[2], weights.Dims[3]);
        if (rows != weights.Dims[2] || columns != weights.Dims[3])
            throw new NotMappedException($"kernel_shape differs from the weights' shape {weights.DimsText}");
        long groups = node.Int("group", 1);
        Shape shape = node.ShapeOf(input);
        if (groups < 1 || shape.Channels % groups != 0 || weights.Dims[1] != shape.Channels / groups)
        {
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture,
                $"weights of shape {weights.DimsText} for {shape.Channels} input channels in {groups} group(s)"));
        }

        WindowGeometry window = Windows.Read(node, shape, rows, columns, out _);
        float[] bias = node.HasInput(2) ? node.Floats(2) : new float[outputs];
        node.Emit(new Conv(outputs, window, (int)groups,
            ImmutableCollectionsMarshal.AsImmutableArray(node.Floats(1)), ImmutableCollectionsMarshal.AsImmutableArray(bias)), isFlat: false, input);
    }
}
