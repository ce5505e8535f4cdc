using System.Runtime.InteropServices;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Import;

/// <summary>
/// Channels that transpositions left in another order, where somebody reads them one by one: a 1x1 convolution whose weights are a
/// permutation, made once for all readers.
/// </summary>
internal sealed class ChannelShuffles(GraphBuilder builder, Func<string, string> unused)
{
    // A permutation has the square of the channels as weights.
    private const int MaxChannels = 4096;

    private readonly Dictionary<(string Tensor, string Order), string> _made = [];

    /// <summary>The same values, the channels in the order in which ONNX has them.</summary>
    /// <exception cref="NotMappedException">There are too many, or they are quantized integers.</exception>
    public ActivationValue InOrder(ActivationValue value)
    {
        if (value.Stored is not null)
            throw new NotMappedException("a shuffle of the channels of quantized integers");
        return value with { Tensor = Selected(value.Tensor, value.Layout.ChannelOrder()), Layout = value.Layout.WithChannelsInOrder() };
    }

    /// <summary>The same where the channels are in order already.</summary>
    public ActivationValue InOrderOrSame(ActivationValue value) => value.Layout.HasChannelsInOrder ? value : InOrder(value);

    /// <summary>A map of some channels of another, in any order.</summary>
    /// <exception cref="NotMappedException">There are too many.</exception>
    public string Selected(string tensor, int[] chosen)
    {
        int channels = builder.TypeOf(tensor).Shape.Channels;
        if (channels > MaxChannels || chosen.Length > MaxChannels)
            throw new NotMappedException($"a shuffle of more than {MaxChannels} channels");
        (string, string) key = (tensor, string.Join(',', chosen));
        if (!_made.TryGetValue(key, out string? shuffled))
        {
            float[] weights = new float[chosen.Length * channels];
            for (int c = 0; c < chosen.Length; c++)
                weights[c * channels + chosen[c]] = 1;
            Conv permutation = new(chosen.Length, new KernelWindow(1, 1), 1,
                ImmutableCollectionsMarshal.AsImmutableArray(weights),
                    ImmutableCollectionsMarshal.AsImmutableArray(new float[chosen.Length]));
            string name = unused($"{tensor}.shuffle");
            _made[key] = shuffled = builder.Add(name, permutation, [tensor], name);
        }

        return shuffled;
    }
}
