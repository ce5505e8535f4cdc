using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ebsp.Isa.Numerics;

public static partial class BitPacking
{
    /// <summary>Packs 64 codes of 1..7 bits at a time, while a store of 64 bytes stays inside the target; returns how many codes it
    /// did.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int PackVbmi(ReadOnlySpan<byte> codes, int bits, Span<byte> packed, ref ulong seen)
    {
        ReadOnlySpan<Vector512<sbyte>> groups = MemoryMarshal.Cast<byte, Vector512<sbyte>>(codes);
        // Codes meet their neighbors by multiply-add: c0 + c1 * 2^bits, then pairs of them.
        Vector512<byte> pair = Vector512.Create((ushort)(1 | 1 << (bits + 8))).AsByte();
        Vector512<short> four = Vector512.Create(1 | 1 << (2 * bits + 16)).AsInt16();
        // The first `bits` bytes of each lane of eight, close together.
        Span<byte> places = stackalloc byte[64];
        for (int i = 0; i < places.Length; i++)
            places[i] = (byte)(i / bits * 8 + i % bits);
        Vector512<byte> together = Vector512.Create<byte>(places);
        Vector512<sbyte> all = default;
        int group = 0;
        for (int target = 0; group < groups.Length && packed.Length - target >= 64; group++, target += 8 * bits)
        {
            Vector512<sbyte> code = groups[group];
            all |= code;
            Vector512<ulong> fours = Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(pair, code), four).AsUInt64();
            Vector512<ulong> eights = fours & Vector512.Create(0xFFFF_FFFFUL) | fours >> 32 << (4 * bits);
            Avx512Vbmi.PermuteVar64x8(eights.AsByte(), together).CopyTo(packed[target..]);
        }

        for (int lane = 0; lane < 8; lane++)
            seen |= all.AsUInt64()[lane];
        return group * 64;
    }
}
