using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Gemm and MatMul by a constant matrix.</summary>
internal static class FullyConnectedLayers
{
    public static void Gemm(OnnxNode node)
    {
        if (node.Int("transA", 0) != 0)
            throw new NotMappedException("transA is set");
        if (node.Opset < 7)
            node.Ignore("broadcast");
        bool transB = node.Int("transB", 0) != 0;
        float alpha = node.Float("alpha", 1), beta = node.Float("beta", 1);
        _ = node.Floats(1);
        FullyConnected full = Read(node.Constant(1), transB, alpha);
        if (node.HasInput(2))
        {
            int outputs = full.OutputChannels;
            OnnxConstant c = node.Constant(2);
            float[] values = node.Floats(2);
            if (c.Dims.Length > 2 || (values.Length != 1 && (values.Length != outputs || c.Dims[^1] != outputs)))
                throw new NotMappedException($"a constant C of shape {c.DimsText}");
            full = full with { Bias = [.. Enumerable.Range(0, outputs).Select(k => beta * values[values.Length == 1 ? 0 : k])] };
        }

        Emit(node, full);
    }

    public static void MatMul(OnnxNode node)
    {
        _ = node.Floats(1);
        Emit(node, Read(node.Constant(1), isTransposed: false, 1));
    }

    /// <summary>The layer of a constant matrix.</summary>
    /// <param name="matrix">Floats [F, K], or [K, F] if transposed.</param>
    /// <param name="isTransposed">Whether the outputs are the first axis.</param>
    /// <param name="alpha">Factor of all weights.</param>
    public static FullyConnected Read(OnnxConstant matrix, bool isTransposed, float alpha)
    {
        float[] values = matrix.Floats!;
        if (matrix.Dims.Length != 2)
            throw new NotMappedException($"a constant matrix of shape {matrix.DimsText}");
        int outputs = isTransposed ? matrix.Dims[0] : matrix.Dims[1];
        int inputs = isTransposed ? matrix.Dims[1] : matrix.Dims[0];
        float[] weights = isTransposed && alpha == 1 ? values : new float[values.Length];
        for (int k = 0; k < outputs && weights != values; k++)
        {
            for (int f = 0; f < inputs; f++)
                weights[k * inputs + f] = alpha * values[isTransposed ? k * inputs + f : f * outputs + k];
        }

        return new FullyConnected(outputs, ImmutableCollectionsMarshal.AsImmutableArray(weights),
            ImmutableCollectionsMarshal.AsImmutableArray(new float[outputs]))
        {
            WeightSteps = alpha == 1 ? matrix.StepsAlong(isTransposed ? 0 : 1) : [],
        };
    }

    private static void Emit(OnnxNode node, FullyConnected full)
    {
        ActivationValue input = node.Activation(0);
        if (!input.IsFlat)
            throw new NotMappedException("input 0 is not a tensor of 2 dimensions");
        node.Emit(full, isFlat: true, input);
    }
}
