using System.Globalization;
using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>Conv.</summary>
internal static class Convolution
{
    public static void Conv(OnnxNode node)
    {
        MapValue input = node.Map(0);
        _ = node.Floats(1);
        node.EmitMap(Read(node, input, node.Constant(1), node.HasInput(2) ? node.Floats(2) : null), input);
    }

    /// <summary>SpaceToDepth: each block of pixels becomes channels, by a convolution whose weights choose one pixel each.</summary>
    public static void SpaceToDepth(OnnxNode node)
    {
        MapValue input = node.Map(0);
        Shape shape = node.ShapeOf(input.Value);
        long block = node.Int("blocksize", 0);
        if (block is < 1 or > 16 || input.Spatial is not [AxisLayout.Rows, AxisLayout.Columns] || shape.Channels * block * block > 4096)
            throw new NotMappedException("a block size of less than 1 or more than 16, or a result of more than 4096 channels");
        int b = (int)block, taps = b * b, channels = shape.Channels;
        float[] weights = new float[channels * taps * channels * taps];
        for (int tap = 0; tap < taps; tap++)
        {
            for (int c = 0; c < channels; c++)
                weights[((tap * channels + c) * channels + c) * taps + tap] = 1;
        }

        node.EmitMap(new Conv(channels * taps, new KernelWindow(b, b, b, b), 1,
            ImmutableCollectionsMarshal.AsImmutableArray(weights), [.. new float[channels * taps]]), input);
    }

    /// <summary>The convolution of a node from its attributes, weights and bias.</summary>
    /// <param name="node">The node.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="weights">Floats [K, C/G, R, S], or [K, C/G, S].</param>
    /// <param name="bias">[K], or null for zeros.</param>
    public static Conv Read(OnnxNode node, MapValue input, OnnxConstant weights, float[]? bias)
    {
        if (weights.Dims.Length != input.Value.Rank)
            throw new NotMappedException($"weights of shape {weights.DimsText}");
        KernelWindow window = KernelWindows.Read(node, input, weights.Dims[2..], out _);
        int outputs = weights.Dims[0];
        long groups = node.Int("group", 1);
        Shape shape = node.ShapeOf(input.Value);
        if (groups < 1 || shape.Channels % groups != 0 || weights.Dims[1] != shape.Channels / groups)
        {
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture,
                $"weights of shape {weights.DimsText} for {shape.Channels} input channels in {groups} group(s)"));
        }

        return new Conv(outputs, window, (int)groups,
            ImmutableCollectionsMarshal.AsImmutableArray(AsStored(input, weights)),
                ImmutableCollectionsMarshal.AsImmutableArray(bias ?? new float[outputs]))
        {
            WeightSteps = weights.StepsAlong(0),
        };
    }

    // Where the map is stored with rows and columns exchanged, so are the taps.
    private static float[] AsStored(MapValue input, OnnxConstant weights)
    {
        float[] values = weights.Floats!;
        if (input.Spatial is not [AxisLayout.Columns, AxisLayout.Rows])
            return values;
        int rows = weights.Dims[2], columns = weights.Dims[3], taps = rows * columns;
        float[] turned = new float[values.Length];
        for (int i = 0; i < turned.Length; i++)
            turned[i] = values[i / taps * taps + i % taps % rows * columns + i % taps / rows];
        return turned;
    }
}
