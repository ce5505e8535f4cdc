using Ebsp.Emulator.Loading;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Emulator.Literal;

internal static partial class Semantics
{
    /// <summary>Requantization or tensor product, clamp, projection or term; both operands are checked before anything is
    /// written.</summary>
    public static void Vector(MachineState state, VectorOperation op)
    {
        CheckVector(state, op);
        for (int n = 0; n < op.Tile.Images; n++)
        {
            for (int y = 0; y < op.Tile.Rows; y++)
            {
                for (int x = 0; x < op.Tile.Columns; x++)
                {
                    for (int c = 0; c < op.Tile.PaddedChannels; c++)
                        Slots.Write(state.Buffer, op.Destination, n, y, x, c, c < op.Tile.Channels ? Element(state, op, n, y, x, c) : 0);
                }
            }
        }
    }

    public static void CheckVector(MachineState state, VectorOperation op)
    {
        if (!op.FromPsum)
            Slots.Check(state, op.Index, op.Source, op.Tile);
        if (op.AddChannels > 0)
            Slots.Check(state, op.Index, op.Add, op.Tile with { Channels = op.AddChannels });
    }

    /// <summary>LUT: the entry at the slot's code.</summary>
    public static void Lut(MachineState state, LutInstruction op)
    {
        Slots.Check(state, op.Index, op.Source, op.Tile);
        ReadOnlySpan<byte> table = state.Tables.Span.Slice(op.TableAddress, LutInstruction.TableBytes);
        for (int n = 0; n < op.Tile.Images; n++)
        {
            for (int y = 0; y < op.Tile.Rows; y++)
            {
                for (int x = 0; x < op.Tile.Columns; x++)
                {
                    for (int c = 0; c < op.Tile.PaddedChannels; c++)
                    {
                        byte result = c < op.Tile.Channels ? table[state.Buffer[Slots.AddressOf(op.Source, n, y, x, c)]] : (byte)0;
                        state.Buffer[Slots.AddressOf(op.Destination, n, y, x, c)] = result;
                    }
                }
            }
        }
    }

    private static int Element(MachineState state, VectorOperation op, int n, int y, int x, int c)
    {
        VectorConstants constants = op.Constants;
        int a = op.FromPsum ? state.PsumMemory[Slots.AddressOf(op.Source, n, y, x, c) / 4]
            : Slots.Read(state.Buffer, op.Source, n, y, x, c);
        int inB = c - op.AddFirst;
        int b = inB >= 0 && inB < op.AddChannels ? Slots.Read(state.Buffer, op.Add, n, y, x, inB) : 0;
        int m = constants.MultiplierAt(c, y, x);
        long r = op.Product
            ? Requantization.Product(a, b, m, constants.Shift)
            : Requantization.Requantize(a, m, b, constants.SecondMultiplier, constants.Offsets.Length > 0 ? constants.Offsets[c] : 0,
                constants.Shift);
        int clamped = Requantization.Clamp(r, constants.Lo, constants.Hi);
        PatternFormat format = op.Destination.Format;
        return op.Term switch
        {
            ResultTerm.Whole => Projection.Project(clamped, format),
            ResultTerm.First => Projection.FirstTerm(clamped, format),
            _ => Projection.SecondTerm(clamped, format),
        };
    }
}
