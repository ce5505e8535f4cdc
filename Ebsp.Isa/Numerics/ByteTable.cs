using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Ebsp.Isa.Numerics;

/// <summary>Many look-ups in one table of 256 bytes.</summary>
internal static class ByteTable
{
    public const int Size = 256;

    /// <summary>target[i] = table[source[i]].</summary>
    /// <param name="table">256 entries.</param>
    /// <param name="source">Indices.</param>
    /// <param name="target">As long as the source.</param>
    public static void Map(ReadOnlySpan<byte> table, ReadOnlySpan<byte> source, Span<byte> target) =>
        Map(table, source, target, Avx512Vbmi.IsSupported);

    internal static void Map(ReadOnlySpan<byte> table, ReadOnlySpan<byte> source, Span<byte> target, bool vbmi)
    {
        table = table[..Size];
        target = target[..source.Length];
        for (int i = vbmi ? MapVbmi(table, source, target) : 0; i < source.Length; i++)
            target[i] = table[source[i]];
    }

    // Two look-ups of 128 entries by the low seven bits of the index; its high bit chooses between them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static int MapVbmi(ReadOnlySpan<byte> table, ReadOnlySpan<byte> source, Span<byte> target)
    {
        ReadOnlySpan<Vector512<byte>> quarters = MemoryMarshal.Cast<byte, Vector512<byte>>(table);
        ReadOnlySpan<Vector512<byte>> indices = MemoryMarshal.Cast<byte, Vector512<byte>>(source);
        Span<Vector512<byte>> entries = MemoryMarshal.Cast<byte, Vector512<byte>>(target);
        Vector512<byte> first = quarters[0], second = quarters[1], third = quarters[2], fourth = quarters[3];
        for (int i = 0; i < entries.Length; i++)
        {
            Vector512<byte> index = indices[i];
            Vector512<byte> low = Avx512Vbmi.PermuteVar64x8x2(first, index, second);
            Vector512<byte> high = Avx512Vbmi.PermuteVar64x8x2(third, index, fourth);
            entries[i] = Vector512.ConditionalSelect(Vector512.LessThan(index.AsSByte(), Vector512<sbyte>.Zero).AsByte(), high, low);
        }

        return entries.Length * Vector512<byte>.Count;
    }
}
