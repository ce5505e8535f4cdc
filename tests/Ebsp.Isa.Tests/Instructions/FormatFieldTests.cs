using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Instructions;

[TestClass]
public sealed class FormatFieldTests
{
    [TestMethod]
    public void IsValid_All4096Fields_AreThoseThatTheManualLists()
    {
        int valid = 0;
        for (int field = 0; field < 1 << FormatField.Width; field++)
        {
            int bits = field & 63, length = field >> 6 & 7, kind = field >> 10;
            bool signed = (field >> 9 & 1) != 0;
            int magnitudeBits = signed ? bits - 1 : bits;
            bool expected = kind switch
            {
                0 or 1 => bits is >= 1 and <= 8 && length is >= 1 and <= 4 && length <= magnitudeBits,
                2 => length == 0 && (bits is >= 1 and <= 8 ? magnitudeBits >= 1 : signed && bits is 16 or 32),
                _ => false,
            };
            Assert.AreEqual(expected, FormatField.IsValid(field), $"0x{field:X3}");
            if (!expected)
            {
                Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => FormatField.Decode(field));
                continue;
            }

            valid++;
            PatternFormat format = FormatField.Decode(field);
            Assert.AreEqual((bits, length, signed, kind), (format.Bits, format.PatternLength, format.Signed, (int)format.Kind));
            Assert.AreEqual(field, FormatField.Encode(format));
            Assert.IsTrue(PatternFormat.TryParse(format.ToString(), out PatternFormat parsed));
            Assert.AreEqual(format, parsed);
        }

        // Two pattern kinds: 26 without sign and 22 with one; plain: 8 without sign, 7 with one, s16, s32.
        Assert.AreEqual(2 * (26 + 22) + 8 + 7 + 2, valid);
    }

    [TestMethod]
    [DataRow(-1L)]
    [DataRow(1L << FormatField.Width)]
    [DataRow(1L << FormatField.Width | 6)]
    [DataRow(long.MinValue)]
    public void IsValid_OutsideTwelveBits_IsFalse(long field) => Assert.IsFalse(FormatField.IsValid(field));
}
