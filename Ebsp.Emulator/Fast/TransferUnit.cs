using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Ebsp.Isa.Instructions;

namespace Ebsp.Emulator.Fast;

/// <summary>LOAD and STORE by rows: whole slots are copied, narrower codes are spread and gathered eight at a time.</summary>
internal static class TransferUnit
{
    public static unsafe void Execute(MachineState state, TransferInstruction op)
    {
        fixed (byte* dram = state.Bytes(op.Region), buffer = state.Buffer)
        {
            long dramPixel = (long)op.Groups * op.Bits;
            long bufferPixel = (long)op.Groups * 8 * op.SlotBytes;
            bool dense = op.Dram.Pixel == dramPixel && op.Buffer.Pixel == bufferPixel;
            int runs = dense ? 1 : op.Tile.Columns;
            long groups = dense ? (long)op.Groups * op.Tile.Columns : op.Groups;
            for (int n = 0; n < op.Tile.Images; n++)
            {
                for (int y = 0; y < op.Tile.Rows; y++)
                {
                    for (int x = 0; x < runs; x++)
                        Run(op, dram + op.Dram.At(n, y, x), buffer + op.Buffer.At(n, y, x), groups);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Run(TransferInstruction op, byte* codes, byte* slots, long groups)
    {
        if (op.Bits >= 8)
        {
            long bytes = groups * op.Bits;
            if (op.Store)
                System.Buffer.MemoryCopy(slots, codes, bytes, bytes);
            else
                System.Buffer.MemoryCopy(codes, slots, bytes, bytes);
            return;
        }

        // An 8-byte access to `bits` bytes of codes touches its neighbors, so the last group, and every store, goes byte by byte.
        ulong mask = 0x0101010101010101UL * ((1UL << op.Bits) - 1);
        for (; groups > 0; groups--, codes += op.Bits, slots += 8)
        {
            if (op.Store)
            {
                ulong packed = Gather(*(ulong*)slots & mask, mask, op.Bits);
                for (int i = 0; i < op.Bits; i++)
                    codes[i] = (byte)(packed >> (8 * i));
            }
            else
            {
                ulong packed = 0;
                if (groups > 8)
                {
                    packed = *(ulong*)codes;
                }
                else
                {
                    for (int i = 0; i < op.Bits; i++)
                        packed |= (ulong)codes[i] << (8 * i);
                }

                *(ulong*)slots = Spread(packed, mask, op.Bits);
            }
        }
    }

    private static ulong Spread(ulong packed, ulong mask, int bits)
    {
        if (Bmi2.X64.IsSupported)
            return Bmi2.X64.ParallelBitDeposit(packed, mask);
        ulong slots = 0;
        for (int lane = 0; lane < 8; lane++)
            slots |= (packed >> (lane * bits) & ((1UL << bits) - 1)) << (8 * lane);
        return slots;
    }

    private static ulong Gather(ulong slots, ulong mask, int bits)
    {
        if (Bmi2.X64.IsSupported)
            return Bmi2.X64.ParallelBitExtract(slots, mask);
        ulong packed = 0;
        for (int lane = 0; lane < 8; lane++)
            packed |= (slots >> (8 * lane) & ((1UL << bits) - 1)) << (lane * bits);
        return packed;
    }
}
