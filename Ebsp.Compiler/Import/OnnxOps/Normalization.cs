using System.Globalization;
using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>BatchNormalization and LRN.</summary>
internal static class Normalization
{
    public static void BatchNormalization(OnnxNode node)
    {
        ActivationValue input = node.InOrder(node.Activation(0));
        Shape shape = node.ShapeOf(input);
        if (input.Rank < 2 || !input.Layout.IsAllChannels(1))
            throw new NotMappedException($"a normalization of the elements of a map {shape}");
        if (node.Int("training_mode", 0) != 0)
            throw new NotMappedException("training_mode is set");
        if (node.Opset < 7 && node.Int("is_test", 0) == 0)
            throw new NotMappedException("is_test is not set");
        if (node.Int("spatial", 1) != 1)
            throw new NotMappedException("spatial = 0");
        node.Ignore("momentum");
        double epsilon = node.Float("epsilon", 1e-5f);
        float[] scale = node.Floats(1), offset = node.Floats(2), mean = node.Floats(3), variance = node.Floats(4);
        int channels = shape.Channels;
        if (scale.Length != channels || offset.Length != channels || mean.Length != channels || variance.Length != channels)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"parameters that do not fit {channels} channels"));
        float[] factors = new float[channels];
        float[] offsets = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            double factor = scale[c] / Math.Sqrt(variance[c] + epsilon);
            factors[c] = (float)factor;
            offsets[c] = (float)(offset[c] - mean[c] * factor);
        }

        node.Emit(new ChannelAffine(ImmutableCollectionsMarshal.AsImmutableArray(factors),
            ImmutableCollectionsMarshal.AsImmutableArray(offsets)),
            input);
    }

    public static void Lrn(OnnxNode node)
    {
        MapValue input = node.Map(0);
        long size = node.Has("size") ? node.Int("size", 0) : throw new NotMappedException("no size");
        if (size is < 1 or > Isa.Numerics.LocalResponse.MaxSize)
            throw new NotMappedException(string.Create(CultureInfo.InvariantCulture, $"a window of {size} channels"));
        node.EmitMap(new LocalResponseNorm((int)size, node.Float("alpha", 1e-4f), node.Float("beta", 0.75f), node.Float("bias", 1)), input);
    }
}
