using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Machines;

/// <summary>
/// DRAM traffic of a layer, the same rule for every machine: half of the buffer (the other half is being filled) holds either all weights
/// of
/// some output channels, and the input streams by once for each such part, or some rows of the input, and the weights stream by once for
/// each
/// part; the cheaper is taken. Maps that lie in the buffer move nothing.
/// </summary>
/// <param name="ReadBytes">Bytes read.</param>
/// <param name="WrittenBytes">Bytes written.</param>
internal readonly record struct Traffic(double ReadBytes, double WrittenBytes)
{
    public double Bytes => ReadBytes + WrittenBytes;

    /// <summary>Traffic of a layer.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="weightBits">Bits of a weight.</param>
    /// <param name="inputBits">Bits of an input element.</param>
    /// <param name="outputBits">Bits of an output element.</param>
    /// <param name="bufferBytes">The buffer.</param>
    /// <param name="placement">Where the maps lie.</param>
    public static Traffic Of(LayerShape layer, int weightBits, int inputBits, int outputBits, long bufferBytes, Placement placement)
    {
        double weights = layer.Weights * weightBits / 8.0, input = layer.Inputs * inputBits / 8.0,
            output = layer.Outputs * outputBits / 8.0;
        double half = bufferBytes / 2.0;
        double written = placement.OutputInBuffer ? 0 : output;
        if (placement.InputInBuffer)
            return new Traffic(weights, written);
        // Input again for each part of the weights, or weights again for each part of the input; no part repeats what fits.
        double inputAgain = input * Math.Max(1, Math.Ceiling(weights / half)),
            weightsAgain = weights * Math.Max(1, Math.Ceiling(input / half));
        return new Traffic(Math.Min(weights + inputAgain, input + weightsAgain), written);
    }
}
