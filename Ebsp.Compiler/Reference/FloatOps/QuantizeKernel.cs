using System.Numerics;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Reference.FloatOps;

/// <summary>The nearest value of a quantized tensor, ties to even, the division in float32 as ONNX has it.</summary>
internal sealed class QuantizeKernel(QuantizeDequantize op) : IFloatKernel
{
    public int ScratchElements => 0;

    /// <summary>The value in steps from zero: stored integer less zero point.</summary>
    public static int Steps(float x, QuantizeDequantize op) => (int)Math.Clamp(MathF.Round(x / op.Scale), op.Low, op.High);

    public void Run(ReadOnlySpan<float[]> inputs, Span<float> output, Span<float> scratch)
    {
        float[] a = inputs[0];
        Vector<float> scale = new(op.Scale), low = new(op.Low), high = new(op.High);
        int i = 0;
        for (; i + Vector<float>.Count <= output.Length; i += Vector<float>.Count)
            (Vector.Min(Vector.Max(Vector.Round(new Vector<float>(a, i) / scale), low), high) * scale).CopyTo(output[i..]);
        for (; i < output.Length; i++)
            output[i] = Steps(a[i], op) * op.Scale;
    }
}
