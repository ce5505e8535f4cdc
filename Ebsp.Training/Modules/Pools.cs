using Ebsp.Compiler.Ir;
using Ebsp.Training.Native;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Ebsp.Training.Modules;

/// <summary>Pools and responses with the graph's exact windows: pads of four sides, ceil mode, divisors.</summary>
internal static class Pools
{
    /// <summary>Maximum; padding never wins.</summary>
    public static Tensor Max(Tensor x, MaxPool pool, (int Height, int Width) output)
    {
        KernelWindow g = pool.Geometry;
        return functional.max_pool2d(Padded(x, g, output, double.NegativeInfinity), [g.KernelRows, g.KernelColumns],
            [g.StrideY, g.StrideX], [0, 0], [g.DilationY, g.DilationX], false);
    }

    /// <summary>Mean over what counts.</summary>
    public static Tensor Average(Tensor x, AveragePool pool, (int Height, int Width) output)
    {
        KernelWindow g = pool.Geometry;
        int height = (int)x.shape[2], width = (int)x.shape[3];
        if (output == (1, 1) && !g.IsPadded && g.KernelRows == height && g.KernelColumns == width)
            return x.mean([2L, 3L], keepdim: true);
        Tensor sums = functional.avg_pool2d(Padded(x, g, output, 0), [g.KernelRows, g.KernelColumns], [g.StrideY, g.StrideX], [0, 0],
            false, false, 1);
        float[] inverse = new float[output.Height * output.Width];
        for (int i = 0; i < inverse.Length; i++)
        {
            int rows = Count(i / output.Width * g.StrideY - g.PadTop, g.KernelRows, height, g.PadTop, g.PadBottom);
            int columns = Count(i % output.Width * g.StrideX - g.PadLeft, g.KernelColumns, width, g.PadLeft, g.PadRight);
            inverse[i] = 1f / (rows * columns);
        }

        return sums * tensor(inverse).view(1, 1, output.Height, output.Width).to(x.dtype);

        int Count(int start, int kernel, int size, int before, int after)
        {
            int least = pool.CountIncludesPadding ? -before : 0, most = pool.CountIncludesPadding ? size + after : size;
            return Math.Min(start + kernel, most) - Math.Max(start, least);
        }
    }

    /// <summary>x / (Bias + Alpha / Size * S)^Beta.</summary>
    public static Tensor LocalResponse(Tensor x, LocalResponseNorm norm)
    {
        int before = (norm.Size - 1) / 2, after = norm.Size / 2;
        long channels = x.shape[1];
        Tensor squares = functional.pad(x * x, [0, 0, 0, 0, before, after]), sum = squares.narrow(1, 0, channels);
        for (int i = 1; i < norm.Size; i++)
            sum = sum.Plus(squares.narrow(1, i, channels));
        return x / sum.Times(norm.Alpha / norm.Size).Plus(norm.Bias).Power(norm.Beta);
    }

    // So far that every window lies inside.
    private static Tensor Padded(Tensor x, KernelWindow g, (int Height, int Width) output, double value)
    {
        int bottom = Math.Max(0, (output.Height - 1) * g.StrideY + g.SpanRows - g.PadTop - (int)x.shape[2]);
        int right = Math.Max(0, (output.Width - 1) * g.StrideX + g.SpanColumns - g.PadLeft - (int)x.shape[3]);
        return g.PadTop + g.PadLeft + bottom + right == 0 ? x
            : functional.pad(x, [g.PadLeft, right, g.PadTop, bottom], PaddingModes.Constant, value);
    }
}
