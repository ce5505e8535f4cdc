using System.Buffers.Binary;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Instructions;

/// <summary>The window whose valid elements choose m, for averages whose windows differ at the border.</summary>
/// <param name="KernelRows">R, 1..255.</param>
/// <param name="KernelColumns">S, 1..255.</param>
/// <param name="StrideY">Rows between windows, 1..255.</param>
/// <param name="StrideX">Columns between windows, 1..255.</param>
/// <param name="FirstY">Source row of the first window's first tap; negative in the padding.</param>
/// <param name="FirstX">Source column of the first window's first tap.</param>
/// <param name="SrcRows">Rows of the source, at least 1.</param>
/// <param name="SrcColumns">Columns of the source, at least 1.</param>
public readonly record struct CountedKernel(
    int KernelRows, int KernelColumns, int StrideY, int StrideX, int FirstY, int FirstX, int SrcRows, int SrcColumns)
{
    /// <summary>Positions of the kernel, R * S.</summary>
    public int Taps => KernelRows * KernelColumns;

    /// <summary>Valid elements under the window of output (y, x); 0 where the window lies in the padding altogether.</summary>
    public int Count(int y, int x) => Valid(FirstY, y, StrideY, KernelRows, SrcRows) * Valid(FirstX, x, StrideX, KernelColumns, SrcColumns);

    private static int Valid(int first, int position, int stride, int taps, int size)
    {
        long start = first + (long)position * stride;
        return (int)Math.Max(0, Math.Min(start + taps, size) - Math.Max(start, 0));
    }
}

/// <summary>The constants block of a VECTOR instruction, in the tables region.</summary>
/// <remarks>
/// Layout, little-endian: byte 0 n; byte 1 flags (1: m a channel, 2: d present, 4: m by count); bytes 2..3 zero; 4 count of m (int32);
/// 8 lo; 12 hi; 16 mb (int32 each); 20 zero (4 bytes); with flag 4: R, S, stride y, stride x (1 byte each), first y, first x, source rows,
/// source columns (int32 each), zero (4 bytes); m (int32 each), padding to 8; d (int64, one a channel).
/// </remarks>
/// <param name="Shift">n, 1..62.</param>
/// <param name="Lo">Lower clamp bound.</param>
/// <param name="Hi">Upper clamp bound.</param>
/// <param name="SecondMultiplier">mb.</param>
/// <param name="Multipliers">m: one, one a channel, or one for each count from 1 to R*S.</param>
/// <param name="PerChannel">Whether m is one a channel.</param>
/// <param name="Offsets">d: one a channel, or empty.</param>
/// <param name="Counted">The window that chooses m, or null.</param>
public sealed record VectorConstants(
    int Shift, int Lo, int Hi, int SecondMultiplier, int[] Multipliers, bool PerChannel, long[] Offsets, CountedKernel? Counted)
{
    private const int HeaderBytes = 24;
    private const int WindowBytes = 24;

    /// <summary>Size of the block in bytes, a multiple of 8.</summary>
    public int SizeBytes => HeaderBytes + (Counted is null ? 0 : WindowBytes) + (Multipliers.Length * 4 + 7) / 8 * 8
        + Offsets.Length * 8;

    /// <summary>Size in bytes of the valid block at an address, from its header alone.</summary>
    /// <param name="tables">The tables region.</param>
    /// <param name="address">The block's first byte.</param>
    /// <param name="channels">Channels of the instruction.</param>
    /// <exception cref="ArgumentOutOfRangeException">The header ends outside the tables region.</exception>
    public static long BlockBytes(ReadOnlySpan<byte> tables, long address, long channels)
    {
        ReadOnlySpan<byte> header = tables.Slice((int)address, HeaderBytes);
        int flags = header[1];
        return HeaderBytes + ((flags & 4) != 0 ? WindowBytes : 0) + (BinaryPrimitives.ReadInt32LittleEndian(header[4..]) * 4L + 7) / 8 * 8
            + ((flags & 2) != 0 ? channels * 8 : 0);
    }

    /// <summary>The multiplier of a channel at an output position.</summary>
    public int MultiplierAt(int channel, int y, int x) =>
        Counted is { } window ? Multipliers[Math.Max(window.Count(y, x), 1) - 1] : PerChannel ? Multipliers[channel] : Multipliers[0];

    /// <summary>The block's bytes.</summary>
    public byte[] Encode()
    {
        byte[] block = new byte[SizeBytes];
        Span<byte> rest = block;
        rest[0] = (byte)Shift;
        rest[1] = (byte)((PerChannel ? 1 : 0) | (Offsets.Length > 0 ? 2 : 0) | (Counted is null ? 0 : 4));
        BinaryPrimitives.WriteInt32LittleEndian(rest[4..], Multipliers.Length);
        BinaryPrimitives.WriteInt32LittleEndian(rest[8..], Lo);
        BinaryPrimitives.WriteInt32LittleEndian(rest[12..], Hi);
        BinaryPrimitives.WriteInt32LittleEndian(rest[16..], SecondMultiplier);
        rest = rest[HeaderBytes..];
        if (Counted is { } window)
        {
            (rest[0], rest[1], rest[2], rest[3]) =
                ((byte)window.KernelRows, (byte)window.KernelColumns, (byte)window.StrideY, (byte)window.StrideX);
            BinaryPrimitives.WriteInt32LittleEndian(rest[4..], window.FirstY);
            BinaryPrimitives.WriteInt32LittleEndian(rest[8..], window.FirstX);
            BinaryPrimitives.WriteInt32LittleEndian(rest[12..], window.SrcRows);
            BinaryPrimitives.WriteInt32LittleEndian(rest[16..], window.SrcColumns);
            rest = rest[WindowBytes..];
        }

        for (int i = 0; i < Multipliers.Length; i++)
            BinaryPrimitives.WriteInt32LittleEndian(rest[(i * 4)..], Multipliers[i]);
        rest = rest[((Multipliers.Length * 4 + 7) / 8 * 8)..];
        for (int i = 0; i < Offsets.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(rest[(i * 8)..], Offsets[i]);
        return block;
    }

    /// <summary>Reads and checks the block of an instruction.</summary>
    /// <param name="tables">The tables region.</param>
    /// <param name="address">The block's first byte.</param>
    /// <param name="channels">Channels of the instruction.</param>
    /// <param name="format">Format of the result: lo and hi lie within 0..2^M-1 or +-(2^M-1).</param>
    /// <param name="product">Whether the instruction multiplies tensors (then m is not negative).</param>
    /// <param name="constants">The block, or null.</param>
    /// <param name="error">Null, or what is wrong.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> tables, long address, int channels, PatternFormat format, bool product, out VectorConstants? constants,
            out string? error)
    {
        constants = null;
        error = "the constants block ends outside the tables region";
        if (address < 0 || address > tables.Length - HeaderBytes)
            return false;
        ReadOnlySpan<byte> block = tables[(int)address..];
        int shift = block[0];
        int flags = block[1];
        int count = BinaryPrimitives.ReadInt32LittleEndian(block[4..]);
        int lo = BinaryPrimitives.ReadInt32LittleEndian(block[8..]);
        int hi = BinaryPrimitives.ReadInt32LittleEndian(block[12..]);
        int second = BinaryPrimitives.ReadInt32LittleEndian(block[16..]);
        bool perChannel = (flags & 1) != 0;
        bool hasOffsets = (flags & 2) != 0;
        bool byCount = (flags & 4) != 0;
        ReadOnlySpan<byte> rest = block[HeaderBytes..];
        CountedKernel? window = null;
        if (byCount)
        {
            if (rest.Length < WindowBytes)
                return false;
            CountedKernel read = new(rest[0], rest[1], rest[2], rest[3],
                BinaryPrimitives.ReadInt32LittleEndian(rest[4..]), BinaryPrimitives.ReadInt32LittleEndian(rest[8..]),
                BinaryPrimitives.ReadInt32LittleEndian(rest[12..]), BinaryPrimitives.ReadInt32LittleEndian(rest[16..]));
            if (read.KernelRows == 0 || read.KernelColumns == 0 || read.StrideY == 0 || read.StrideX == 0 || read.SrcRows < 1
                || read.SrcColumns < 1
                || BinaryPrimitives.ReadInt32LittleEndian(rest[20..]) != 0)
            {
                error = "the count window of the constants block is not valid";
                return false;
            }

            window = read;
            rest = rest[WindowBytes..];
        }

        long wanted = byCount ? window!.Value.Taps : perChannel ? channels : 1;
        long multiplierBytes = (wanted * 4 + 7) / 8 * 8;
        if (count == wanted && rest.Length < multiplierBytes + (hasOffsets ? channels * 8L : 0))
            return false;
        int limit = (int)((1L << format.MagnitudeBits) - 1);
        bool valid = shift is >= 1 and <= Requantization.MaxShift && flags < 8 && !(perChannel && byCount) && count == wanted
            && lo <= hi && lo >= (format.Signed ? -limit : 0) && hi <= limit && second != int.MinValue
            && BinaryPrimitives.ReadInt16LittleEndian(block[2..]) == 0 && BinaryPrimitives.ReadInt32LittleEndian(block[20..]) == 0;
        if (!valid)
        {
            error = "the constants block is not valid: n in 1..62, lo <= hi within the format, as many multipliers as its flags ask";
            return false;
        }

        int[] multipliers = new int[count];
        for (int i = 0; i < count; i++)
            multipliers[i] = BinaryPrimitives.ReadInt32LittleEndian(rest[(i * 4)..]);
        if (System.Array.Exists(multipliers, m => m == int.MinValue || (product && m < 0))
            || ((count & 1) != 0 && BinaryPrimitives.ReadInt32LittleEndian(rest[(count * 4)..]) != 0))
        {
            error = "a multiplier of the constants block is out of range";
            return false;
        }

        rest = rest[(int)multiplierBytes..];
        long[] offsets = new long[hasOffsets ? channels : 0];
        for (int i = 0; i < offsets.Length; i++)
            offsets[i] = BinaryPrimitives.ReadInt64LittleEndian(rest[(i * 8)..]);
        constants = new VectorConstants(shift, lo, hi, second, multipliers, perChannel, offsets, window);
        error = null;
        return true;
    }
}
