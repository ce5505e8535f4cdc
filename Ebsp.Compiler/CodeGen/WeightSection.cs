using System.Buffers.Binary;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.CodeGen;

/// <summary>A weight tile in the weights region: the biases of its output channels, then their codes.</summary>
/// <param name="Node">The convolution.</param>
/// <param name="FirstChannel">First output channel.</param>
/// <param name="Channels">Output channels.</param>
/// <param name="Address">First byte in the region, a multiple of 64: the biases, int32 each, padded to 8 bytes.</param>
/// <param name="CodesAddress">First byte of the codes.</param>
/// <param name="Bytes">Size, a multiple of 8.</param>
public sealed record WeightTile(string Node, int FirstChannel, int Channels, long Address, long CodesAddress, long Bytes);

/// <summary>Builds the weights region: packed codes of each tile in the order r, s, c, one output channel after another.</summary>
public sealed class WeightSection
{
    /// <summary>Tiles start on a DRAM burst.</summary>
    private const int Alignment = 64;

    private readonly List<byte> _bytes = [];
    private readonly Dictionary<(string Node, int FirstChannel), WeightTile> _tiles = [];

    /// <summary>The tiles so far, in the order of their addresses.</summary>
    public IEnumerable<WeightTile> Tiles => _tiles.Values;

    /// <summary>Bits of one weight.</summary>
    public static int CodeBits(PatternFormat format) => WeightPacking.Bits(format, WeightCoding.Packed);

    /// <summary>Bytes of the biases of some channels.</summary>
    public static long BiasBytes(int channels) => (channels * 4 + 7) / 8 * 8;

    /// <summary>The region's bytes.</summary>
    public byte[] ToArray() => [.. _bytes];

    /// <summary>The tile of some output channels, appended when it is first asked for.</summary>
    public WeightTile Tile(string node, IntegerConv conv, int firstChannel, int channels)
    {
        if (_tiles.TryGetValue((node, firstChannel), out WeightTile? known))
            return known;
        Pad(Alignment);
        long address = _bytes.Count;
        Span<byte> word = stackalloc byte[4];
        for (int k = 0; k < channels; k++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(word, conv.Bias[firstChannel + k]);
            _bytes.AddRange(word);
        }

        Pad(8);
        long codes = _bytes.Count;
        int taps = conv.Geometry.KernelRows * conv.Geometry.KernelColumns;
        int reduction = conv.Weights.Length / conv.OutputChannels;
        int inputs = reduction / taps;
        sbyte[] row = new sbyte[reduction];
        byte[] packed = new byte[WeightPacking.PackedBytes(reduction, conv.WeightFormat, WeightCoding.Packed)];
        for (int k = firstChannel; k < firstChannel + channels; k++)
        {
            // From [C, R, S] of the graph to [R, S, C] of the array.
            for (int c = 0; c < inputs; c++)
            {
                for (int tap = 0; tap < taps; tap++)
                    row[tap * inputs + c] = conv.Weights[(k * inputs + c) * taps + tap];
            }

            WeightPacking.Pack(row, conv.WeightFormat, WeightCoding.Packed, packed);
            _bytes.AddRange(packed);
        }

        Pad(8);
        WeightTile tile = new(node, firstChannel, channels, address, codes, _bytes.Count - address);
        _tiles[(node, firstChannel)] = tile;
        return tile;
    }

    private void Pad(int multiple)
    {
        while (_bytes.Count % multiple != 0)
            _bytes.Add(0);
    }
}
