using Ebsp.Compiler.Ir;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Tests.Machines;

/// <summary>Seeded layers of every shape: kernels 1..7, strides, padding, groups, depthwise, fully connected.</summary>
internal static class RandomLayers
{
    /// <summary>A layer as a network of its own.</summary>
    public static Network Next(Random random, int number, int mostChannels, int mostSize)
    {
        int kernel = (int[])[1, 1, 3, 3, 3, 5, 7] is var kernels ? kernels[random.Next(kernels.Length)] : 1;
        int size = random.Next(kernel, Math.Max(kernel + 1, mostSize)), stride = random.Next(1, 3), pad = random.Next(2) * (kernel / 2);
        int groups = random.Next(6) switch { 0 => 2, 1 => -1, _ => 1 };
        int channels = 8 * random.Next(1, mostChannels / 8 + 1), outputs = 8 * random.Next(1, mostChannels / 8 + 1);
        if (groups == 2)
            (channels, outputs) = (2 * channels, 2 * outputs);
        if (groups == -1)
            (groups, outputs) = (channels, channels);
        if (random.Next(8) == 0)
            (size, kernel, stride, pad, groups) = (1, 1, 1, 0, 1);
        KernelWindow window = new(kernel, kernel, stride, stride, pad, pad, pad, pad);
        LayerShape layer = new($"layer{number}", LayerKind.Convolution, random.Next(1, 3), outputs, channels, size, size, window, groups,
            [-1]);
        return new Network(layer.Name, layer.Name, "seeded", [layer]);
    }
}
