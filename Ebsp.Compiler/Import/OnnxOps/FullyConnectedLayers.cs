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
        float[] weights = Matrix(node, transB, alpha, out int outputs);
        float[] bias = new float[outputs];
        if (node.HasInput(2))
        {
            OnnxConstant c = node.Constant(2);
            float[] values = node.Floats(2);
            if (c.Dims.Length > 2 || (values.Length != 1 && (values.Length != outputs || c.Dims[^1] != outputs)))
                throw new NotMappedException($"a constant C of shape {c.DimsText}");
            for (int k = 0; k < outputs; k++)
                bias[k] = beta * values[values.Length == 1 ? 0 : k];
        }

        Emit(node, outputs, weights, bias);
    }

    public static void MatMul(OnnxNode node)
    {
        float[] weights = Matrix(node, isTransposed: false, 1, out int outputs);
        Emit(node, outputs, weights, new float[outputs]);
    }

    private static void Emit(OnnxNode node, int outputs, float[] weights, float[] bias)
    {
        ActivationValue input = node.Activation(0);
        if (!input.IsFlat)
            throw new NotMappedException("input 0 is not a tensor of 2 dimensions");
        node.Emit(new FullyConnected(outputs, ImmutableCollectionsMarshal.AsImmutableArray(weights), ImmutableCollectionsMarshal.AsImmutableArray(bias)),
            isFlat: true, input);
    }

    /// <summary>Input 1 as [K, F], scaled.</summary>
    private static float[] Matrix(OnnxNode node, bool isTransposed, float alpha, out int outputs)
    {
        OnnxConstant matrix = node.Constant(1);
        float[] values = node.Floats(1);
        if (matrix.Dims.Length != 2)
            throw new NotMappedException($"a constant matrix of shape {matrix.DimsText}");
        outputs = isTransposed ? matrix.Dims[0] : matrix.Dims[1];
        int inputs = isTransposed ? matrix.Dims[1] : matrix.Dims[0];
        if (isTransposed && alpha == 1)
            return values;
        float[] weights = new float[values.Length];
        for (int k = 0; k < outputs; k++)
        {
            for (int f = 0; f < inputs; f++)
                weights[k * inputs + f] = alpha * values[isTransposed ? k * inputs + f : f * outputs + k];
        }

        return weights;
    }
}
