using System.Runtime.Intrinsics.X86;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Numerics;

[TestClass]
public sealed class BitPackingTests
{
    private static readonly bool[] HasBmi2 = Bmi2.X64.IsSupported ? [false, true] : [false];
    private static readonly bool[] HasVbmi = Avx512Vbmi.IsSupported ? [false, true] : [false];
    private static readonly (bool Bmi2, bool Vbmi)[] Tiers = [.. HasBmi2.SelectMany(bmi2 => HasVbmi.Select(vbmi => (bmi2, vbmi)))];

    [TestMethod]
    public void Pack_EveryWidthAndLength_IsTheBitStreamAndUnpacks()
    {
        Random random = new(7);
        for (int bits = 1; bits <= 8; bits++)
        {
            foreach (int count in Enumerable.Range(0, 201).Append(1000).Append(4999))
            {
                byte[] codes = [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(1 << bits))];
                byte[] expected = Stream(codes, bits);
                Assert.AreEqual(expected.Length, BitPacking.PackedBytes(count, bits));
                foreach ((bool bmi2, bool vbmi) in Tiers)
                {
                    byte[] packed = new byte[expected.Length + 9], unpacked = new byte[count + 9];
                    packed.AsSpan().Fill(0xA5);
                    BitPacking.Pack(codes, bits, packed, bmi2, vbmi);
                    CollectionAssert.AreEqual(expected, packed[..expected.Length], $"{count} codes of {bits} bits");
                    Assert.IsFalse(packed.AsSpan(expected.Length).ContainsAnyExcept((byte)0xA5), "wrote behind the stream");
                    BitPacking.Unpack(packed, bits, unpacked.AsSpan(0, count), bmi2);
                    CollectionAssert.AreEqual(codes, unpacked[..count], $"{count} codes of {bits} bits");
                    Assert.IsFalse(unpacked.AsSpan(count).ContainsAnyExcept((byte)0), "wrote behind the codes");
                    BitPacking.Unpack(expected, bits, unpacked.AsSpan(0, count), bmi2);
                    CollectionAssert.AreEqual(codes, unpacked[..count], $"{count} codes of {bits} bits, nothing behind");
                }
            }
        }
    }

    [TestMethod]
    public void Pack_CodeOfTooManyBits_IsRefusedWithItsIndex()
    {
        for (int bits = 1; bits < 8; bits++)
        {
            foreach (int index in new[] { 0, 7, 8, 50, 98, 99 })
            {
                foreach ((bool bmi2, bool vbmi) in Tiers)
                {
                    byte[] codes = new byte[100];
                    codes[index] = (byte)(1 << bits);
                    codes[99] = 0xFF;
                    var refusal = Assert.ThrowsExactly<ArgumentException>(() => BitPacking.Pack(codes, bits, new byte[100], bmi2, vbmi));
                    StringAssert.Contains(refusal.Message, $"index {index} ", StringComparison.Ordinal);
                }
            }
        }
    }

    [TestMethod]
    public void Pack_TooShort_IsRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => BitPacking.Pack(new byte[9], 5, new byte[5]));
        Assert.ThrowsExactly<ArgumentException>(() => BitPacking.Unpack(new byte[5], 5, new byte[9]));
        Assert.ThrowsExactly<ArgumentException>(() => BitPacking.HasZeroTail(new byte[5], 9, 5));
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(9)]
    public void PackedBytes_NoWidth_IsRefused(int bits) =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => BitPacking.PackedBytes(1, bits));

    [TestMethod]
    public void PackedBytes_LargestCount_DoesNotOverflow() => Assert.AreEqual(int.MaxValue, BitPacking.PackedBytes(int.MaxValue, 8));

    [TestMethod]
    public void HasZeroTail_EachBitAfterTheLastCode_IsSeen()
    {
        for (int bits = 1; bits <= 8; bits++)
        {
            for (int count = 0; count <= 16; count++)
            {
                int length = BitPacking.PackedBytes(count, bits);
                for (int bit = 0; bit < 8 * length + 8; bit++)
                {
                    byte[] packed = new byte[length + 1];
                    packed[bit / 8] = (byte)(1 << (bit % 8));
                    bool inTail = bit >= count * bits && bit < 8 * length;
                    Assert.AreEqual(!inTail, BitPacking.HasZeroTail(packed, count, bits), $"{count} codes of {bits} bits, bit {bit}");
                }
            }
        }
    }

    // The definition, one bit at a time.
    private static byte[] Stream(byte[] codes, int bits)
    {
        byte[] stream = new byte[(codes.Length * bits + 7) / 8];
        for (int bit = 0; bit < codes.Length * bits; bit++)
            stream[bit / 8] |= (byte)((codes[bit / bits] >> (bit % bits) & 1) << (bit % 8));
        return stream;
    }
}
