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
        if (weights.Dims.Length != input.Rank)
            throw new NotMappedException($"weights of shape {weights.DimsText}");
        WindowGeometry window = Windows.Read(node, input, weights.Dims[2..], out _);
        int outputs = weights.Dims[0];
        long groups = node.Int("group", 1);
        Shape shape = node.ShapeOf(input);
        if (groups < 1 || shape.Channels % groups != 0 || weights.Dims[1] != shape.Channels / groups)
        {
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture,
                $"weights of shape {weights.DimsText} for {shape.Channels} input channels in {groups} group(s)"));
        }

        float[] bias = node.HasInput(2) ? node.Floats(2) : new float[outputs];
        node.Emit(new Conv(outputs, window, (int)groups,
            ImmutableCollectionsMarshal.AsImmutableArray(node.Floats(1)), ImmutableCollectionsMarshal.AsImmutableArray(bias)), isFlat: false, input);
    }
}
