using System.Buffers;
using System.Buffers.Binary;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.CodeGen;

/// <summary>A weight tile in the weights region: the biases of its output channels, unless a part of the reduction before it has them, then
/// codes.</summary>
/// <param name="Node">The convolution.</param>
/// <param name="FirstChannel">First output channel.</param>
/// <param name="Channels">Output channels.</param>
/// <param name="FirstInput">First input channel of the group.</param>
/// <param name="Inputs">Input channels of the group.</param>
/// <param name="Address">First byte in the region, a multiple of 64: the biases, int32 each, padded to 8 bytes.</param>
/// <param name="CodesAddress">First byte of the codes.</param>
/// <param name="Bytes">Size, a multiple of 8.</param>
public sealed record WeightTile(string Node, int FirstChannel, int Channels, int FirstInput, int Inputs, long Address, long CodesAddress,
    long Bytes);

/// <summary>Builds the weights region: packed codes of each tile in the order r, s, c, one output channel after another.</summary>
public sealed class WeightSection
{
    /// <summary>Tiles start on a DRAM burst.</summary>
    private const int Alignment = 64;

    private readonly ArrayBufferWriter<byte> _bytes = new();
    private readonly Dictionary<(string Node, int FirstChannel, int FirstInput), WeightTile> _tiles = [];

    /// <summary>The tiles so far, in the order of their addresses.</summary>
    public IEnumerable<WeightTile> Tiles => _tiles.Values;

    /// <summary>The region's bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <summary>The tile of some output channels and some input channels of each group, appended when it is first asked for.</summary>
    /// <param name="node">Name of the convolution.</param>
    /// <param name="conv">The convolution.</param>
    /// <param name="firstChannel">First output channel.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="firstInput">First input channel of a group; the first part alone has biases.</param>
    /// <param name="inputs">Most input channels of a group.</param>
    public WeightTile Tile(string node, IntegerConv conv, int firstChannel, int channels, int firstInput, int inputs)
    {
        if (_tiles.TryGetValue((node, firstChannel, firstInput), out WeightTile? known))
            return known;
        Pad(Alignment);
        long address = _bytes.WrittenCount;
        if (firstInput == 0)
        {
            Span<byte> biases = _bytes.GetSpan(4 * channels);
            for (int k = 0; k < channels; k++)
                BinaryPrimitives.WriteInt32LittleEndian(biases[(4 * k)..], conv.Bias[firstChannel + k]);
            _bytes.Advance(4 * channels);
            Pad(8);
        }

        long codes = _bytes.WrittenCount;
        int taps = (int)conv.Geometry.Taps;
        int all = conv.Weights.Length / conv.OutputChannels / taps;
        inputs = Math.Min(inputs, all - firstInput);
        sbyte[] row = new sbyte[taps * inputs];
        int packed = WeightPacking.PackedBytes(row.Length, conv.WeightFormat, WeightCoding.Index);
        for (int k = firstChannel; k < firstChannel + channels; k++)
        {
            // From [C, R, S] of the graph to [R, S, C] of the array.
            ReadOnlySpan<sbyte> from = conv.Weights.AsSpan((k * all + firstInput) * taps, row.Length);
            if (taps == 1)
                from.CopyTo(row);
            for (int tap = 0; taps > 1 && tap < taps; tap++)
            {
                for (int c = 0; c < inputs; c++)
                    row[tap * inputs + c] = from[c * taps + tap];
            }

            WeightPacking.Pack(row, conv.WeightFormat, WeightCoding.Index, _bytes.GetSpan(packed)[..packed]);
            _bytes.Advance(packed);
        }

        Pad(8);
        WeightTile tile = new(node, firstChannel, channels, firstInput, inputs, address, codes, _bytes.WrittenCount - address);
        _tiles[(node, firstChannel, firstInput)] = tile;
        return tile;
    }

    private void Pad(int multiple)
    {
        int missing = (multiple - _bytes.WrittenCount % multiple) % multiple;
        _bytes.GetSpan(multiple)[..missing].Clear();
        _bytes.Advance(missing);
    }
}
