using System.Buffers;
using Ebsp.Emulator.Loading;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Literal;

internal static partial class Semantics
{
    /// <summary>HOST reorder: elements in the order image, channel, row, column keep their order; all are read before the first is
    /// written.</summary>
    public static void Reorder(MachineState state, HostOperation op)
    {
        int slot = op.Source.Format.SlotBytes;
        int perImage = op.SourceTile.Rows * op.SourceTile.Columns * op.SourceTile.Channels;
        int[] codes = ArrayPool<int>.Shared.Rent(op.Tile.Images * perImage);
        int next = 0;
        for (int n = 0; n < op.Tile.Images; n++)
        {
            for (int c = 0; c < op.SourceTile.Channels; c++)
            {
                for (int y = 0; y < op.SourceTile.Rows; y++)
                {
                    for (int x = 0; x < op.SourceTile.Columns; x++)
                        codes[next++] = Slots.ReadCode(state.Buffer, Slots.AddressOf(op.Source, n, y, x, c), slot);
                }
            }
        }

        next = 0;
        for (int n = 0; n < op.Tile.Images; n++)
        {
            for (int c = 0; c < op.Tile.PaddedChannels; c++)
            {
                for (int y = 0; y < op.Tile.Rows; y++)
                {
                    for (int x = 0; x < op.Tile.Columns; x++)
                        Slots.WriteCode(state.Buffer, Slots.AddressOf(op.Destination, n, y, x, c), slot, c < op.Tile.Channels
                            ? codes[next++]
                            : 0);
                }
            }
        }

        ArrayPool<int>.Shared.Return(codes);
    }

    /// <summary>HOST local response: each pixel's channels, normalized; all are checked and read before the first is written.</summary>
    public static void LocalResponse(MachineState state, HostOperation op)
    {
        Slots.Check(state, op.Index, op.Source, op.Tile);
        ResponseConstants response = op.Response!;
        int channels = op.Tile.Channels;
        int[] values = ArrayPool<int>.Shared.Rent(channels);
        int[] results = ArrayPool<int>.Shared.Rent(checked((int)(op.Tile.Pixels * channels)));
        int next = 0;
        for (int n = 0; n < op.Tile.Images; n++)
        {
            for (int y = 0; y < op.Tile.Rows; y++)
            {
                for (int x = 0; x < op.Tile.Columns; x++, next += channels)
                {
                    for (int c = 0; c < channels; c++)
                        values[c] = Slots.Read(state.Buffer, op.Source, n, y, x, c);
                    Isa.Numerics.LocalResponse.Normalize(values.AsSpan(0, channels), results.AsSpan(next, channels),
                        response.Size, response.Factors, response.Shift, response.Lo, response.Hi, op.Destination.Format);
                }
            }
        }

        next = 0;
        for (int n = 0; n < op.Tile.Images; n++)
        {
            for (int y = 0; y < op.Tile.Rows; y++)
            {
                for (int x = 0; x < op.Tile.Columns; x++)
                {
                    for (int c = 0; c < op.Tile.PaddedChannels; c++)
                        Slots.Write(state.Buffer, op.Destination, n, y, x, c, c < channels ? results[next++] : 0);
                }
            }
        }

        ArrayPool<int>.Shared.Return(values);
        ArrayPool<int>.Shared.Return(results);
    }
}
