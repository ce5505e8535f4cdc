using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Compiler.Reference.FloatOps;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Tests.Quantization;

/// <summary>How far the table of a local response is from the real function.</summary>
[TestClass]
public sealed class ResponseTests
{
    public TestContext TestContext { get; set; } = null!;

    // Exact arithmetic is up to half a step away: that much is the rounding of the result.
    [TestMethod]
    [DataRow(5, 1e-4f, 0.75f, 1f, 4.0, "AlexNet, activations to 1,000")]
    [DataRow(5, 1e-4f, 0.75f, 2f, 0.25, "AlexNet's paper, activations to 64")]
    [DataRow(5, 1e-4f, 0.75f, 1f, 40.0, "Inception, activations to 10,000")]
    [DataRow(3, 5e-5f, 0.75f, 1f, 1.0, "the CIFAR network of cuda-convnet")]
    [DataRow(5, 1f, 0.75f, 1e-5f, 1.0, "hardly any bias")]
    [DataRow(9, 10f, 1f, 1f, 1.0, "division by the mean of squares")]
    [DataRow(255, 1f, 0.5f, 1f, 1.0, "unit length")]
    public void Response_RandomPixels_IsLessThanAStepFromTheFunction(int size, float alpha, float beta, float bias, double scale,
        string what)
    {
        LocalResponseNorm norm = new(size, alpha, beta, bias);
        double worst = 0;
        foreach (PatternFormat format in new[] { PatternFormat.Uniform(8, false), PatternFormat.Uniform(8, true), PatternFormat.Int16 })
        {
            // 16 bits over the same range as 8.
            double unit = format.Bits == 16 ? scale / 128 : scale;
            int[][] pixels = Pixels(format, new Random(7));
            double largest = pixels.Max(pixel => Real(norm, pixel, unit).Max(Math.Abs));
            PatternFormat result = PatternFormat.Uniform(8, format.Signed);
            double step = largest / result.MaxMagnitude;
            ResponseNorm op = GraphEmitter.Response(norm, new TensorType(new Shape(64, 1, 1), format, unit), result, step, "norm");
            foreach (int[] pixel in pixels)
            {
                int[] responses = new int[pixel.Length];
                LocalResponse.Normalize(pixel, responses, op.Size, op.Factors.AsSpan(), op.Shift, op.Lo, op.Hi, op.Format);
                double[] real = Real(norm, pixel, unit);
                for (int c = 0; c < pixel.Length; c++)
                    worst = Math.Max(worst, Math.Abs(responses[c] - real[c] / step));
            }
        }

        TestContext.WriteLine($"{what}: at most {worst:F3} steps");
        Assert.IsLessThan(0.75, worst);
    }

    // Pixels of all lengths: values of 1 to all bits, the largest among them.
    private static int[][] Pixels(PatternFormat format, Random random)
    {
        int[][] pixels = new int[400][];
        for (int n = 0; n < pixels.Length; n++)
        {
            int most = n == 0 ? format.MaxMagnitude : format.MaxMagnitude >> random.Next(format.MagnitudeBits);
            pixels[n] = [.. Enumerable.Range(0, 64)
                .Select(c => n == 0 && c == 0 ? most : random.Next(format.Signed ? -most : 0, most + 1))];
        }

        return pixels;
    }

    private static double[] Real(LocalResponseNorm norm, int[] pixel, double unit)
    {
        double[] real = new double[pixel.Length];
        for (int c = 0; c < real.Length; c++)
        {
            double sum = 0;
            for (int i = Math.Max(0, c - (norm.Size - 1) / 2); i <= Math.Min(pixel.Length - 1, c + norm.Size / 2); i++)
                sum += pixel[i] * unit * pixel[i] * unit;
            real[c] = pixel[c] * unit * LocalResponseKernel.Factor(norm, sum);
        }

        return real;
    }
}
