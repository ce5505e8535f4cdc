using System.Buffers.Binary;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Literal;

/// <summary>What instructions do, element by element: the definition that the literal machine runs and the fast engine must
/// equal.</summary>
internal static partial class Semantics
{
    /// <summary>DRAM to buffer: 8 codes of `bits` bits become 8 slots.</summary>
    public static void Load(MachineState state, TransferInstruction op)
    {
        ReadOnlySpan<byte> dram = state.Bytes(op.Region);
        for (int n = 0; n < op.Tile.Images; n++)
        {
            for (int y = 0; y < op.Tile.Rows; y++)
            {
                for (int x = 0; x < op.Tile.Columns; x++)
                {
                    for (int g = 0; g < op.Groups; g++)
                    {
                        ReadOnlySpan<byte> codes = dram.Slice((int)(op.Dram.At(n, y, x) + (long)g * op.Bits), op.Bits);
                        Span<byte> slots = state.Buffer.AsSpan((int)(op.Buffer.At(n, y, x) + (long)g * 8 * op.SlotBytes), 8 * op.SlotBytes);
                        if (op.Bits > 8)
                            codes.CopyTo(slots);
                        else
                            BinaryPrimitives.WriteUInt64LittleEndian(slots, Spread(codes, op.Bits));
                    }
                }
            }
        }
    }

    /// <summary>Buffer to DRAM: the low `bits` bits of 8 slots become 8 codes.</summary>
    public static void Store(MachineState state, TransferInstruction op)
    {
        Span<byte> dram = state.Writable(op.Region);
        for (int n = 0; n < op.Tile.Images; n++)
        {
            for (int y = 0; y < op.Tile.Rows; y++)
            {
                for (int x = 0; x < op.Tile.Columns; x++)
                {
                    for (int g = 0; g < op.Groups; g++)
                    {
                        Span<byte> codes = dram.Slice((int)(op.Dram.At(n, y, x) + (long)g * op.Bits), op.Bits);
                        ReadOnlySpan<byte> slots =
                            state.Buffer.AsSpan((int)(op.Buffer.At(n, y, x) + (long)g * 8 * op.SlotBytes), 8 * op.SlotBytes);
                        if (op.Bits > 8)
                            slots.CopyTo(codes);
                        else
                            Gather(slots, op.Bits, codes);
                    }
                }
            }
        }
    }

    private static ulong Spread(ReadOnlySpan<byte> codes, int bits)
    {
        ulong packed = 0;
        for (int i = 0; i < bits; i++)
            packed |= (ulong)codes[i] << (8 * i);
        ulong slots = 0;
        for (int lane = 0; lane < 8; lane++)
            slots |= (packed >> (lane * bits) & ((1UL << bits) - 1)) << (8 * lane);
        return slots;
    }

    private static void Gather(ReadOnlySpan<byte> slots, int bits, Span<byte> codes)
    {
        ulong packed = 0;
        for (int lane = 0; lane < 8; lane++)
            packed |= (slots[lane] & ((1UL << bits) - 1)) << (lane * bits);
        for (int i = 0; i < bits; i++)
            codes[i] = (byte)(packed >> (8 * i));
    }
}
