using System.Buffers.Binary;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Instructions;

/// <summary>The constants block of a HOST instruction that normalizes local responses, in the tables region.</summary>
/// <remarks>
/// Layout, little-endian: byte 0 n; byte 1 size; bytes 2..3 zero; 4 count of factors; 8 lo; 12 hi (int32 each); factors (int32 each),
/// padding to 8.
/// </remarks>
/// <param name="Shift">n, 1..62.</param>
/// <param name="Size">Channels of a window, 1..255.</param>
/// <param name="Lo">Lower clamp bound.</param>
/// <param name="Hi">Upper clamp bound.</param>
/// <param name="Factors">The table of <see cref="LocalResponse"/>, entries in 0..2^31-1.</param>
public sealed record ResponseConstants(int Shift, int Size, int Lo, int Hi, int[] Factors)
{
    private const int HeaderBytes = 16;

    /// <summary>Size of the block in bytes, a multiple of 8.</summary>
    public int SizeBytes => HeaderBytes + (Factors.Length * 4 + 7) / 8 * 8;

    /// <summary>The block's bytes.</summary>
    public byte[] Encode()
    {
        byte[] block = new byte[SizeBytes];
        (block[0], block[1]) = ((byte)Shift, (byte)Size);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(4), Factors.Length);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(8), Lo);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(12), Hi);
        for (int i = 0; i < Factors.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(HeaderBytes + i * 4), Factors[i]);
        return block;
    }

    /// <summary>Reads and checks a block.</summary>
    /// <param name="tables">The tables region.</param>
    /// <param name="address">The block's first byte.</param>
    /// <param name="source">Format of the values, at most 16 bits: it says how long the table is.</param>
    /// <param name="result">Format of the results: lo and hi lie within 0..2^M-1 or +-(2^M-1).</param>
    /// <param name="constants">The block, or null.</param>
    /// <param name="error">Null, or what is wrong.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> tables, long address, PatternFormat source, PatternFormat result, out ResponseConstants? constants,
            out string? error)
    {
        constants = null;
        error = "the constants block ends outside the tables region";
        if (address < 0 || address > tables.Length - HeaderBytes)
            return false;
        ReadOnlySpan<byte> block = tables[(int)address..];
        int shift = block[0], size = block[1];
        int count = BinaryPrimitives.ReadInt32LittleEndian(block[4..]);
        int lo = BinaryPrimitives.ReadInt32LittleEndian(block[8..]), hi = BinaryPrimitives.ReadInt32LittleEndian(block[12..]);
        int wanted = size < 1 ? 0 : LocalResponse.Entries(LocalResponse.LargestSum(size, source));
        int limit = (int)((1L << result.MagnitudeBits) - 1);
        if (count == wanted && block.Length < HeaderBytes + (count * 4 + 7) / 8 * 8)
            return false;
        if (shift is < 1 or > Requantization.MaxShift || size < 1 || count != wanted
            || BinaryPrimitives.ReadInt16LittleEndian(block[2..]) != 0
            || lo > hi || lo < (result.Signed ? -limit : 0) || hi > limit)
        {
            error = "the constants block is not valid: n in 1..62, size in 1..255, lo <= hi within the format, as many factors as sums " +
                "of squares ask";
            return false;
        }

        int[] factors = new int[count];
        for (int i = 0; i < count; i++)
            factors[i] = BinaryPrimitives.ReadInt32LittleEndian(block[(HeaderBytes + i * 4)..]);
        if (System.Array.Exists(factors, factor => factor < 0)
            || ((count & 1) != 0 && BinaryPrimitives.ReadInt32LittleEndian(block[(HeaderBytes + count * 4)..]) != 0))
        {
            error = "a factor of the constants block is out of range";
            return false;
        }

        constants = new ResponseConstants(shift, size, lo, hi, factors);
        error = null;
        return true;
    }
}
