using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;

namespace Ebsp.Isa.Tests.Instructions;

/// <summary>The fields for pixels side by side, and words from before they were there.</summary>
[TestClass]
public sealed class UnrollTests
{
    // Words that the assembler made before the fields existed.
    [TestMethod]
    [DataRow("11030100020000000000800000600C0200400000800000020002303010101010" +
        "1010100020002000100010000180000000C62200000000000200000000000000",
        "conv signal=3 wait0=1 until0=2 src=0x400 srcformat=u6(3) srcpixel=16 srcrow=512 srcimage=16384 " +
        "srcrows=32 srccolumns=32 kernelrows=3 kernelcolumns=3 padtop=1 padleft=1 rows=32 columns=32 " +
        "channels=16 srcchannels=16 weights=0x40 weightformat=s6(3) start=bias psum=0x20000")]
    [DataRow("10020000000000000000000000600C000000008000003000000004000A000002" +
        "00802CC20F000000000000000000000000000000000000000000000000000000",
        "matmul signal=2 images=3 srcchannels=64 channels=10 srcformat=u6(3) srcimage=64 weights=0x1000 " +
        "weightformat=s8(3) start=bias bias=0xFC0")]
    [DataRow("12020000000000000000000000600C08007000006200E000E000303010101010" +
        "101010000E000E00400001000000100000C62270000000000000000000000000",
        "depthwise signal=2 rows=14 columns=14 channels=64 kernelrows=3 kernelcolumns=3 padtop=1 " +
        "padleft=1 srcrows=14 srccolumns=14 srcformat=u6(3) srcpixel=64 srcrow=896 srcimage=12544 " +
        "weights=0x800 weightformat=s6(3) bias=0x700 start=bias")]
    public void Decode_WordFromBeforeTheFields_IsOnePixelAtATime(string hexadecimal, string text)
    {
        Assert.IsTrue(Instruction.TryDecode(Convert.FromHexString(hexadecimal), out Instruction? instruction, out string? error), error);
        ArrayInstruction op = (ArrayInstruction)InstructionView.Of(instruction!);
        Assert.AreEqual((1, 1), (op.UnrollRows, op.UnrollColumns));
        Assert.AreEqual(op.Pixels, op.Steps);
        Assert.AreEqual(op.Kernel.Taps, op.PatchPositions);
        byte[] again = new byte[Instruction.SizeBytes];
        Assembler.Assemble(text).Single().Encode(again);
        Assert.AreEqual(hexadecimal, Convert.ToHexString(again));
        // The cycles of then: folds of the reduction, and the diagonal of a depthwise.
        foreach (DepthwiseMapping mapping in new[] { DepthwiseMapping.BlockDiagonal, DepthwiseMapping.Unrolled })
        {
            ArchSpec arch = ArchPresets.Default with { DepthwiseMapping = mapping };
            long folds = op.Multiplier > 0 ? (op.Tile.Channels + 6) / 7 : (op.Reduction + 65) / 66;
            Assert.AreEqual(66 + folds * Math.Max(op.Pixels, 66) + 72, op.Cycles(arch));
        }
    }

    [TestMethod]
    public void Patch_AllSmallAxes_CountsThePositionsOfItsWindows()
    {
        for (int pixels = 1; pixels <= 6; pixels++)
        {
            for (int taps = 1; taps <= 5; taps++)
            {
                for (int stride = 1; stride <= 4; stride++)
                {
                    for (int dilation = 1; dilation <= 4; dilation++)
                    {
                        int positions = Enumerable.Range(0, pixels)
                            .SelectMany(pixel => Enumerable.Range(0, taps).Select(tap => pixel * stride + tap * dilation))
                            .Distinct().Count();
                        Assert.AreEqual(positions, KernelAxis.Patch(pixels, taps, stride, dilation),
                            $"{pixels} pixels, {taps} taps, stride {stride}, dilation {dilation}");
                    }
                }
            }
        }
    }
}
