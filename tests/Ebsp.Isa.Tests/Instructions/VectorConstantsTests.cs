using System.Buffers.Binary;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Instructions;

[TestClass]
public sealed class VectorConstantsTests
{
    private const int Channels = 3;
    private const string Outside = "the constants block ends outside the tables region";
    private const string Invalid =
        "the constants block is not valid: n in 1..62, lo <= hi within the format, as many multipliers as its flags ask";
    private const string BadWindow = "the count window of the constants block is not valid";
    private const string BadMultiplier = "a multiplier of the constants block is out of range";

    private static readonly PatternFormat Format = PatternFormat.Window(6, 3, signed: true);
    private static readonly CountedKernel Kernel = new(3, 1, 2, 1, -1, 0, 5, 7);
    private static readonly VectorConstants PerChannel =
        new(20, -31, 31, -5, [7, -8, int.MaxValue], PerChannel: true, [1, long.MinValue, long.MaxValue], Counted: null);
    private static readonly VectorConstants ByCount = new(62, 0, 17, 0, [30, 20, 10], PerChannel: false, [], Kernel);

    [TestMethod]
    public void EncodeAndTryRead_RandomBlocks_ComeBackTheSame()
    {
        Random random = new(5);
        for (int i = 0; i < 20_000; i++)
        {
            int channels = random.Next(1, 40);
            int form = random.Next(3);
            bool product = random.Next(2) == 0;
            CountedKernel? window = form != 2
                ? null
                : new CountedKernel(random.Next(1, 5), random.Next(1, 5), random.Next(1, 256), random.Next(1, 256),
                random.Next(-300, 300), random.Next(-300, 300), random.Next(1, 500), random.Next(1, 500));
            int[] multipliers = new int[window is { } w ? w.KernelRows * w.KernelColumns : form == 1 ? channels : 1];
            for (int m = 0; m < multipliers.Length; m++)
                multipliers[m] = random.Next() * (product || random.Next(2) == 0 ? 1 : -1);
            long[] offsets = new long[random.Next(2) * channels];
            for (int d = 0; d < offsets.Length; d++)
                offsets[d] = random.NextInt64(long.MinValue, long.MaxValue);
            int hi = random.Next(-31, 32);
            VectorConstants written =
                new(random.Next(1, 63), random.Next(-31, hi + 1), hi, random.Next(-int.MaxValue, int.MaxValue), multipliers, form == 1,
                offsets, window);

            byte[] block = written.Encode();
            Assert.AreEqual(written.SizeBytes, block.Length);
            Assert.AreEqual(0, block.Length % 8);
            int address = random.Next(4) * 8;
            byte[] tables = [.. new byte[address], .. block, .. new byte[random.Next(3) * 8]];
            Assert.IsTrue(VectorConstants.TryRead(tables, address, channels, Format, product, out VectorConstants? read,
                out string? error), error);
            CollectionAssert.AreEqual(block, read!.Encode());
            AssertSame(written, read);
            Assert.IsFalse(VectorConstants.TryRead(tables.AsSpan(0, address + block.Length - 1), address, channels, Format, product,
                out _, out error));
            Assert.AreEqual(Outside, error);
        }
    }

    [TestMethod]
    public void Encode_PerChannel_HasTheLayoutOfTheManual() => Assert.AreEqual(
        "14030000" + "03000000" + "E1FFFFFF" + "1F000000" + "FBFFFFFF" + "00000000" + "07000000" + "F8FFFFFF" + "FFFFFF7F" + "00000000"
        + "0100000000000000" + "0000000000000080" + "FFFFFFFFFFFFFF7F",
        Convert.ToHexString(PerChannel.Encode()));

    [TestMethod]
    public void Encode_ByCount_HasTheLayoutOfTheManual() => Assert.AreEqual(
        "3E040000" + "03000000" + "00000000" + "11000000" + "00000000" + "00000000"
        + "03010201" + "FFFFFFFF" + "00000000" + "05000000" + "07000000" + "00000000" + "1E000000" + "14000000" + "0A000000" + "00000000",
        Convert.ToHexString(ByCount.Encode()));

    // Byte, new int32 (or a byte where one is meant), message.
    [TestMethod]
    [DataRow(0, 1, 0, Invalid, DisplayName = "n = 0")]
    [DataRow(0, 1, 63, Invalid, DisplayName = "n = 63")]
    [DataRow(1, 1, 8 | 3, Invalid, DisplayName = "an unknown flag")]
    [DataRow(1, 1, 2, Invalid, DisplayName = "one m, three given")]
    [DataRow(2, 1, 1, Invalid, DisplayName = "byte 2 set")]
    [DataRow(3, 1, 128, Invalid, DisplayName = "byte 3 set")]
    [DataRow(4, 4, 2, Invalid, DisplayName = "two m for three channels")]
    [DataRow(4, 4, 4, Invalid, DisplayName = "four m for three channels")]
    [DataRow(4, 4, -1, Invalid, DisplayName = "count of m below zero")]
    [DataRow(4, 4, int.MaxValue, Invalid, DisplayName = "count of m beyond the region")]
    [DataRow(8, 4, -32, Invalid, DisplayName = "lo = -2^M")]
    [DataRow(8, 4, 32, Invalid, DisplayName = "lo > hi")]
    [DataRow(12, 4, 32, Invalid, DisplayName = "hi = 2^M")]
    [DataRow(12, 4, -32, Invalid, DisplayName = "hi < lo")]
    [DataRow(16, 4, int.MinValue, Invalid, DisplayName = "mb = -2^31")]
    [DataRow(20, 4, 1, Invalid, DisplayName = "byte 20 set")]
    [DataRow(23, 1, 1, Invalid, DisplayName = "byte 23 set")]
    [DataRow(28, 4, int.MinValue, BadMultiplier, DisplayName = "m = -2^31")]
    [DataRow(36, 4, 1, BadMultiplier, DisplayName = "padding of m set")]
    public void TryRead_BrokenRule_IsRefused(int at, int bytes, int value, string message) =>
        AssertRefused(PerChannel, at, bytes, value, Format, product: false, message);

    [TestMethod]
    [DataRow(1, 1, 5, Invalid, DisplayName = "m a channel and by count")]
    [DataRow(4, 4, 2, Invalid, DisplayName = "fewer m than taps")]
    [DataRow(24, 1, 0, BadWindow, DisplayName = "R = 0")]
    [DataRow(25, 1, 0, BadWindow, DisplayName = "S = 0")]
    [DataRow(26, 1, 0, BadWindow, DisplayName = "stride y = 0")]
    [DataRow(27, 1, 0, BadWindow, DisplayName = "stride x = 0")]
    [DataRow(36, 4, 0, BadWindow, DisplayName = "no source row")]
    [DataRow(40, 4, -1, BadWindow, DisplayName = "source columns below zero")]
    [DataRow(44, 4, 1, BadWindow, DisplayName = "byte 44 set")]
    [DataRow(24, 1, 255, Invalid, DisplayName = "more taps than m")]
    public void TryRead_BrokenWindow_IsRefused(int at, int bytes, int value, string message) =>
        AssertRefused(ByCount, at, bytes, value, Format, product: false, message);

    [TestMethod]
    public void TryRead_RuleOfTheInstruction_IsRefused()
    {
        AssertRefused(PerChannel, 0, 1, 20, Format.WithSign(false), product: false, Invalid); // lo below zero without sign
        AssertRefused(PerChannel, 0, 1, 20, Format, product: true, BadMultiplier); // m below zero in a product
        // bounds of a wider format
        AssertRefused(PerChannel, 0, 1, 20, PatternFormat.Window(5, 3, signed: true), product: false, Invalid);
        byte[] tables = PerChannel.Encode();
        foreach (long address in new[] { -8L, 8, tables.Length - 16, tables.Length, 1L << 40, long.MaxValue, long.MinValue })
        {
            Assert.IsFalse(VectorConstants.TryRead(tables, address, Channels, Format, product: false, out _, out string? error),
                $"address {address}");
            Assert.IsNotNull(error);
        }
    }

    [TestMethod]
    public void TryRead_WidestFormats_TakeTheirWholeRange()
    {
        foreach (PatternFormat format in new[] { PatternFormat.Int32, PatternFormat.Int16, PatternFormat.Uniform(8, signed: false) })
        {
            int limit = (int)((1L << format.MagnitudeBits) - 1);
            byte[] block = new VectorConstants(1, format.Signed ? -limit : 0, limit, 0, [1], PerChannel: false, [], Counted: null)
                .Encode();
            Assert.IsTrue(VectorConstants.TryRead(block, 0, Channels, format, product: true, out _, out string? error), error);
        }

        AssertRefused(new VectorConstants(1, 0, 0, 0, [1], PerChannel: false, [], Counted: null), 8, 4, int.MinValue,
            PatternFormat.Int32, product: false, Invalid);
    }

    [TestMethod]
    public void MultiplierAt_ByCount_CountsTheTapsThatExist()
    {
        // Rows 3, stride 2, first tap at row -1, 5 rows: windows hold rows 0..1, 1..3, 3..4, and none from the fourth on.
        CollectionAssert.AreEqual(new[] { 2, 3, 2, 0 }, Enumerable.Range(0, 4).Select(y => Kernel.Count(y, 0)).ToArray());
        CollectionAssert.AreEqual(new[] { 20, 10, 20, 30 }, Enumerable.Range(0, 4).Select(y => ByCount.MultiplierAt(0, y, 0)).ToArray());
        Assert.AreEqual(0, Kernel.Count(0, 7));
        Assert.AreEqual(-8, PerChannel.MultiplierAt(1, 5, 5));
    }

    [TestMethod]
    public void Count_RandomWindows_EqualsTheLoopOverTaps()
    {
        Random random = new(11);
        for (int i = 0; i < 5_000; i++)
        {
            CountedKernel window =
                new(random.Next(1, 6), random.Next(1, 6), random.Next(1, 4), random.Next(1, 4), random.Next(-6, 6), random.Next(-6, 6),
                random.Next(1, 9), random.Next(1, 9));
            (int y, int x) = (random.Next(6), random.Next(6));
            int count = 0;
            for (int r = 0; r < window.KernelRows; r++)
            for (int s = 0; s < window.KernelColumns; s++)
            {
                (int row, int column) = (window.FirstY + y * window.StrideY + r, window.FirstX + x * window.StrideX + s);
                count += row >= 0 && row < window.SrcRows && column >= 0 && column < window.SrcColumns ? 1 : 0;
            }

            Assert.AreEqual(count, window.Count(y, x), $"{window} at {y}, {x}");
        }
    }

    private static void AssertRefused(VectorConstants constants, int at, int bytes, int value, PatternFormat format, bool product,
        string message)
    {
        byte[] block = [.. constants.Encode(), .. new byte[64]];
        if (bytes == 1)
            block[at] = (byte)value;
        else
            BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(at), value);
        Assert.IsFalse(VectorConstants.TryRead(block, 0, Channels, format, product, out VectorConstants? read, out string? error));
        Assert.IsNull(read);
        Assert.AreEqual(message, error);
    }

    private static void AssertSame(VectorConstants written, VectorConstants read)
    {
        CollectionAssert.AreEqual(written.Multipliers, read.Multipliers);
        CollectionAssert.AreEqual(written.Offsets, read.Offsets);
        Assert.AreEqual(written with { Multipliers = read.Multipliers, Offsets = read.Offsets }, read);
    }
}
