using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Ebsp.Isa.Numerics;

/// <summary>
/// A bit stream of codes of 1..8 bits, little-endian: bit j of code i is bit (i * bits + j) mod 8 of byte (i * bits + j) / 8. The bits
/// after the last code are zero.
/// </summary>
public static partial class BitPacking
{
    private const ulong Ones = 0x0101_0101_0101_0101;

    /// <summary>Bytes of a stream of codes.</summary>
    /// <param name="count">Number of codes.</param>
    /// <param name="bits">Bits of one code, 1..8.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative or the bits are outside 1..8.</exception>
    public static int PackedBytes(int count, int bits)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 8);
        return (int)(((long)count * bits + 7) / 8);
    }

    /// <summary>Packs codes.</summary>
    /// <param name="codes">Codes below 2^bits.</param>
    /// <param name="bits">Bits of one code, 1..8.</param>
    /// <param name="packed">At least <see cref="PackedBytes"/> long; the rest is left alone. Undefined after an exception.</param>
    /// <exception cref="ArgumentException">A code has more bits (the message names its index), or the target is too short.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The bits are outside 1..8.</exception>
    public static void Pack(ReadOnlySpan<byte> codes, int bits, Span<byte> packed) =>
        Pack(codes, bits, packed, Bmi2.X64.IsSupported, Avx512Vbmi.IsSupported);

    /// <summary>Unpacks codes; the bits after the last one are not looked at (see <see cref="HasZeroTail"/>).</summary>
    /// <param name="packed">At least <see cref="PackedBytes"/> long.</param>
    /// <param name="bits">Bits of one code, 1..8.</param>
    /// <param name="codes">Filled with codes below 2^bits.</param>
    /// <exception cref="ArgumentException">The stream is shorter than the codes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The bits are outside 1..8.</exception>
    public static void Unpack(ReadOnlySpan<byte> packed, int bits, Span<byte> codes) => Unpack(packed, bits, codes, Bmi2.X64.IsSupported);

    /// <summary>Whether the bits between the last code and the end of its byte are zero, as
    /// <see cref="Pack(ReadOnlySpan{byte}, int, Span{byte})"/> leaves them.</summary>
    /// <exception cref="ArgumentException">The stream is shorter than the codes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative or the bits are outside 1..8.</exception>
    public static bool HasZeroTail(ReadOnlySpan<byte> packed, int count, int bits)
    {
        int length = Length(packed.Length, count, bits, nameof(packed));
        int used = (int)((long)count * bits % 8);
        return used == 0 || packed[length - 1] >> used == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static void Pack(ReadOnlySpan<byte> codes, int bits, Span<byte> packed, bool bmi2, bool vbmi)
    {
        packed = packed[..Length(packed.Length, codes.Length, bits, nameof(packed))];
        ulong lanes = Ones * ((1u << bits) - 1), seen = 0;
        int source = vbmi && bits < 8 ? PackVbmi(codes, bits, packed, ref seen) : 0, target = source / 8 * bits;
        // Eight codes make `bits` bytes. A store of eight bytes runs into the next group's place, which is written after it.
        for (; codes.Length - source >= 8 && packed.Length - target >= 8; source += 8, target += bits)
        {
            ulong group = BinaryPrimitives.ReadUInt64LittleEndian(codes[source..]);
            seen |= group;
            ulong stream = bmi2 ? Bmi2.X64.ParallelBitExtract(group, lanes) : Gather(group & lanes, bits);
            BinaryPrimitives.WriteUInt64LittleEndian(packed[target..], stream);
        }

        bool fits = (seen & ~lanes) == 0;
        ulong pending = 0;
        int held = 0;
        for (; source < codes.Length; source++)
        {
            fits &= codes[source] >> bits == 0;
            pending |= (ulong)codes[source] << held;
            for (held += bits; held >= 8; held -= 8, pending >>= 8)
                packed[target++] = (byte)pending;
        }

        if (held > 0)
            packed[target] = (byte)pending;
        if (!fits)
            RefuseCode(codes, bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    internal static void Unpack(ReadOnlySpan<byte> packed, int bits, Span<byte> codes, bool bmi2)
    {
        packed = packed[..Length(packed.Length, codes.Length, bits, nameof(packed))];
        ulong lanes = Ones * ((1u << bits) - 1);
        int source = 0, target = 0;
        for (; codes.Length - target >= 8 && packed.Length - source >= 8; target += 8, source += bits)
        {
            ulong stream = BinaryPrimitives.ReadUInt64LittleEndian(packed[source..]);
            ulong group = bmi2 ? Bmi2.X64.ParallelBitDeposit(stream, lanes) : Scatter(stream, bits) & lanes;
            BinaryPrimitives.WriteUInt64LittleEndian(codes[target..], group);
        }

        ulong pending = 0;
        for (int held = 0; target < codes.Length; target++, held -= bits, pending >>= bits)
        {
            for (; held < bits; held += 8)
                pending |= (ulong)packed[source++] << held;
            codes[target] = (byte)(pending & lanes);
        }
    }

    // Neighbors move together: pairs of codes, then of pairs, then of fours.
    private static ulong Gather(ulong group, int bits)
    {
        group = group & 0x00FF_00FF_00FF_00FF | (group & 0xFF00_FF00_FF00_FF00) >> (8 - bits);
        group = group & 0x0000_FFFF_0000_FFFF | (group & 0xFFFF_0000_FFFF_0000) >> (16 - 2 * bits);
        return group & 0xFFFF_FFFF | group >> 32 << (4 * bits);
    }

    // And apart again; what lies above a code is left for the caller to mask away.
    private static ulong Scatter(ulong stream, int bits)
    {
        ulong four = (1UL << (4 * bits)) - 1, two = ((1UL << (2 * bits)) - 1) * 0x0000_0001_0000_0001,
            one = ((1UL << bits) - 1) * 0x0001_0001_0001_0001;
        stream = stream & four | (stream >> (4 * bits) & four) << 32;
        stream = stream & two | (stream >> (2 * bits) & two) << 16;
        return stream & one | (stream >> bits & one) << 8;
    }

    internal static int Length(int available, int count, int bits, string name)
    {
        int length = PackedBytes(count, bits);
        return length <= available ? length : throw new ArgumentException(
            string.Create(CultureInfo.InvariantCulture, $"{count} codes of {bits} bits take {length} bytes, not {available}"), name);
    }

    private static void RefuseCode(ReadOnlySpan<byte> codes, int bits)
    {
        int index = 0;
        while (codes[index] >> bits == 0)
            index++;
        throw new ArgumentException(
            string.Create(CultureInfo.InvariantCulture, $"code {codes[index]} at index {index} has more than {bits} bits"), nameof(codes));
    }
}
