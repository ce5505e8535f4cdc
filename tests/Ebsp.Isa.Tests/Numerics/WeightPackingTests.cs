using System.Runtime.Intrinsics.X86;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Numerics;

[TestClass]
public sealed class WeightPackingTests
{
    private static readonly WeightCoding[] Codings = [WeightCoding.Index, WeightCoding.Plain];

    private static IEnumerable<PatternFormat> SignedByteFormats => Formats.Narrow.Where(f => f.MaxMagnitude <= 127);

    [TestMethod]
    public void Pack_EveryFormatAndCoding_IsTheStreamOfCodesAndUnpacks()
    {
        Random random = new(8);
        foreach (PatternFormat format in SignedByteFormats)
        {
            sbyte[] set = [.. Formats.Values(format).Select(v => (sbyte)v)];
            foreach (int count in Enumerable.Range(0, 150).Append(10_001))
            {
                sbyte[] values = random.GetItems(set, count);
                foreach (WeightCoding coding in Codings)
                {
                    byte[] codes = [.. values.Select(v =>
                        (byte)(coding == WeightCoding.Index ? WeightCode.Encode(v, format) : SlotCode.Encode(v, format)))];
                    byte[] packed = new byte[WeightPacking.PackedBytes(count, format, coding)], expected = new byte[packed.Length];
                    BitPacking.Pack(codes, coding == WeightCoding.Index ? WeightCode.Bits(format) : format.Bits, expected);
                    WeightPacking.Pack(values, format, coding, packed);
                    Assert.IsTrue(expected.AsSpan().SequenceEqual(packed), $"{format} {coding} {count}");
                    sbyte[] unpacked = new sbyte[count];
                    Assert.IsTrue(WeightPacking.TryUnpack(packed, format, coding, unpacked, out int firstBad));
                    Assert.AreEqual(-1, firstBad);
                    Assert.IsTrue(values.AsSpan().SequenceEqual(unpacked), $"{format} {coding} {count}");
                }
            }
        }
    }

    [TestMethod]
    public void Pack_ValueOutsideTheFormat_IsRefusedWithItsIndex()
    {
        foreach (PatternFormat format in SignedByteFormats)
        {
            foreach (int index in new[] { 0, 90, 5000 })
            {
                for (int value = -128; value <= 127; value++)
                {
                    if (format.Contains(value) || (index == 5000 && value % 16 != 0))
                        continue;
                    sbyte[] values = new sbyte[index + 7];
                    values[index] = (sbyte)value;
                    var refusal = Assert.ThrowsExactly<ArgumentException>(() =>
                        WeightPacking.Pack(values, format, WeightCoding.Index, new byte[index + 7]));
                    StringAssert.Contains(refusal.Message, $"index {index} ", StringComparison.Ordinal);
                }
            }
        }
    }

    [TestMethod]
    public void TryUnpack_EveryCodeOutsideTheFormat_IsRefusedWithItsIndex()
    {
        foreach (PatternFormat format in SignedByteFormats)
        {
            foreach (WeightCoding coding in Codings)
            {
                int bits = WeightPacking.Bits(format, coding);
                HashSet<int> known = [
                    .. Formats.Values(format)
                    .Select(v => coding == WeightCoding.Index ? WeightCode.Encode(v, format) : SlotCode.Encode(v, format))];
                foreach (int code in Enumerable.Range(0, 1 << bits).Where(c => !known.Contains(c)))
                {
                    foreach (int index in new[] { 0, 77, 4500 })
                    {
                        byte[] codes = new byte[index + 3], packed = new byte[BitPacking.PackedBytes(index + 3, bits)];
                        codes[index] = codes[index + 1] = (byte)code;
                        BitPacking.Pack(codes, bits, packed);
                        Assert.IsFalse(WeightPacking.TryUnpack(packed, format, coding, new sbyte[index + 3], out int firstBad),
                            $"{format} {coding} {code}");
                        Assert.AreEqual(index, firstBad);
                    }
                }
            }
        }
    }

    [TestMethod]
    public void Pack_TooWideOrTooShort_IsRefused()
    {
        PatternFormat format = PatternFormat.Window(6, 3, signed: true), wide = PatternFormat.Uniform(8, signed: false);
        foreach (WeightCoding coding in Codings)
        {
            Assert.ThrowsExactly<ArgumentException>(() => WeightPacking.Pack(new sbyte[1], wide, coding, new byte[9]));
            Assert.ThrowsExactly<ArgumentException>(() => WeightPacking.Pack(new sbyte[1], PatternFormat.Int16, coding, new byte[9]));
            Assert.ThrowsExactly<ArgumentException>(() => WeightPacking.TryUnpack(new byte[9], wide, coding, new sbyte[1], out _));
            Assert.ThrowsExactly<ArgumentException>(() => WeightPacking.Pack(new sbyte[9], format, coding, new byte[5]));
            Assert.ThrowsExactly<ArgumentException>(() => WeightPacking.TryUnpack(new byte[5], format, coding, new sbyte[9], out _));
        }
    }

    [TestMethod]
    public void ByteTable_EveryLength_IsTheScalarLookUp()
    {
        Random random = new(9);
        byte[] table = new byte[256], source = new byte[300];
        random.NextBytes(table);
        random.NextBytes(source);
        for (int length = 0; length <= source.Length; length++)
        {
            byte[] expected = [.. source.Take(length).Select(i => table[i])], target = new byte[length];
            foreach (bool vbmi in Avx512Vbmi.IsSupported ? new[] { false, true } : [false])
            {
                target.AsSpan().Clear();
                ByteTable.Map(table, source.AsSpan(0, length), target, vbmi);
                CollectionAssert.AreEqual(expected, target, $"{length} look-ups");
            }
        }
    }
}
