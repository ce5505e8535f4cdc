using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Tiling;

/// <summary>What a weight tile takes in the weights region: biases, int32 each, then codes; both padded to 8 bytes.</summary>
internal static class WeightTileSize
{
    /// <summary>Bits of one weight.</summary>
    /// <param name="format">Its format.</param>
    public static int CodeBits(PatternFormat format) => WeightPacking.Bits(format, WeightCoding.Index);

    /// <summary>Bytes of a tile; each output channel starts on a byte.</summary>
    /// <param name="format">Format of the weights.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="reduction">Weights of an output channel.</param>
    public static long Bytes(PatternFormat format, int channels, long reduction) =>
        (channels * 4 + 7) / 8 * 8 + (channels * ((reduction * CodeBits(format) + 7) / 8) + 7) / 8 * 8;
}
