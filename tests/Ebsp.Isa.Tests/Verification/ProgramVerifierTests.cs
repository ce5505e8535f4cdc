using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;
using Ebsp.Isa.Verification;
using Ebsp.TestKit;
using Ebsp.TestKit.Programs;

namespace Ebsp.Isa.Tests.Verification;

/// <summary>One small listing a rule, and its neighbors that keep to it.</summary>
[TestClass]
public sealed class ProgramVerifierTests
{
    private const string LoadInput =
        "load region=input bits=6 images=2 rows=8 columns=8 dpixel=6 drow=48 dimage=384 bpixel=8 brow=64 bimage=512";
    private const string Spill =
        "store region=arena bits=6 images=2 rows=8 columns=8 dpixel=6 drow=48 dimage=384 bpixel=8 brow=64 bimage=512";

    [TestMethod]
    [DataRow("wait that no signal fulfils", "nop unit=load signal=1|nop unit=array wait0=1 until0=2", VerifierRule.Unreachable, 1, -1)]
    [DataRow("two units that wait for one another", "nop unit=load wait0=1 until0=1 signal=2|nop unit=array wait0=2 until0=1 signal=1",
        VerifierRule.Deadlock, 0, 1)]
    [DataRow("signal behind a full queue", "nop unit=array wait0=1 until0=1|{full}|nop unit=vector signal=1", VerifierRule.Deadlock, 0, -2)]
    [DataRow("write, then read", LoadInput + "|" + Spill, VerifierRule.Race, 1, 0)]
    [DataRow("read, then write", LoadInput + " signal=1|" + Spill + " wait0=1 until0=1|" + LoadInput, VerifierRule.Race, 2, 1)]
    [DataRow("write, then write", LoadInput
        + "|nop unit=vector signal=1|lut dst=0x0 dstformat=u6(3) constants=0x0 src=0x1000 srcformat=u6(3)", VerifierRule.Race, 2, 0)]
    [DataRow("wait for either of two", "nop unit=pool signal=1|" + LoadInput + " signal=1|" + Spill + " wait0=1 until0=1",
        VerifierRule.Race, 2, 1)]
    [DataRow("nothing written", Spill, VerifierRule.Uninitialized, 0, -1)]
    [DataRow("a row too few",
        "load region=input bits=6 images=2 rows=7 columns=8 dpixel=6 drow=48 dimage=384 bpixel=8 brow=64 bimage=512 signal=1|" + Spill
        + " wait0=1 until0=1", VerifierRule.Uninitialized, 1, -1)]
    [DataRow("output not written", "nop unit=load", VerifierRule.Output, 1, -1)]
    [DataRow("another format", LoadInput
        + " signal=1|lut wait0=1 until0=1 src=0x0 srcformat=s6(3) dst=0x1000 dstformat=u6(3) constants=0x0", VerifierRule.Format, 1, 0)]
    [DataRow("another width", "load region=input bits=8 groups=4 signal=1", VerifierRule.Format, 0, -1)]
    [DataRow("beside the input",
        "load region=input dram=0x6 bits=6 images=2 rows=8 columns=8 dpixel=6 drow=48 dimage=384 bpixel=8 brow=64 bimage=512",
        VerifierRule.Operand, 0, -1)]
    [DataRow("two loads that do not fit", LoadInput + "|load region=input dram=0xC bits=6 buffer=0x8 signal=1|" + Spill
        + " wait0=1 until0=1", VerifierRule.Operand, 2, 1)]
    [DataRow("weights from two places",
        "load region=weights bits=8 groups=4|load region=weights bits=8 groups=4 dram=0x40 buffer=0x20 signal=1|matmul wait0=1 until0=1 " +
        "src=0x0 srcformat=u6(3) srcchannels=8 channels=8 weights=0x0 weightformat=s6(3)", VerifierRule.Weights, 2, 1)]
    public void Check_OneMistake_IsNamed(string what, string listing, VerifierRule rule, int instruction, int other)
    {
        VerifierFinding[] findings = [.. Check(listing).Where(finding => finding.Rule == rule)];
        Assert.HasCount(1, findings, what);
        Assert.AreEqual(instruction, findings[0].Instruction, findings[0].ToString());
        if (other >= -1)
            Assert.AreEqual(other, findings[0].Other, findings[0].ToString());
    }

    [TestMethod]
    [DataRow("ordered by a counter", LoadInput + " signal=1|" + Spill + " wait0=1 until0=1")]
    [DataRow("ordered through a third unit", LoadInput + " signal=1|nop unit=array wait0=1 until0=1 signal=2|" + Spill
        + " wait0=2 until0=1")]
    [DataRow("wait for both of two", "nop unit=pool signal=1|" + LoadInput + " signal=1|" + Spill + " wait0=1 until0=2")]
    [DataRow("wait for a value of 0, and for counter 0", "nop unit=array wait0=3 until0=0 wait1=0 until1=9")]
    [DataRow("two units that write between one another", LoadInput + " signal=1|nop unit=store wait0=1 until0=1|"
        + "lut wait0=1 until0=1 rows=8 columns=8 src=0x0 srcpixel=8 srcrow=64 srcformat=u6(3) dst=0x1000 dstpixel=16 dstrow=128 " +
            "dstformat=u6(3) constants=0x0|"
        + "load region=input bits=6 rows=8 columns=8 dpixel=6 drow=48 buffer=0x1008 bpixel=16 brow=128")]
    [DataRow("two loads that fit",
        "load region=input bits=6 images=2 rows=4 columns=8 dpixel=6 drow=48 dimage=384 bpixel=8 brow=64 bimage=512|"
        + "load region=input dram=0xC0 buffer=0x100 bits=6 images=2 rows=4 columns=8 dpixel=6 drow=48 dimage=384 bpixel=8 brow=64 " +
            "bimage=512 signal=1|" + Spill + " wait0=1 until0=1")]
    public void Check_RightListing_FindsNothing(string what, string listing)
    {
        VerifierFinding[] findings = [.. Check(listing).Where(finding => finding.Rule != VerifierRule.Output)];
        Assert.IsEmpty(findings, $"{what}: {string.Join('\n', findings.Select(finding => finding.ToString()))}");
    }

    [TestMethod]
    public void Check_QueueThatIsDeepEnough_EndsTheProgram()
    {
        string listing = "nop unit=array wait0=1 until0=1|{full}|nop unit=vector signal=1";
        Assert.IsFalse(Check(listing, deeper: 1).Any(finding => finding.Rule == VerifierRule.Deadlock));
    }

    [TestMethod]
    public void Check_MoreRunsThanTheLimit_IsSaidAndTakesNoTime()
    {
        string wide = "store region=arena bits=1 images=1 rows=4096 columns=4096 dpixel=1 drow=4096 bpixel=16 brow=0";
        IReadOnlyList<VerifierFinding> findings = Check(string.Join('|', Enumerable.Repeat(wide, 5)));
        Assert.AreEqual(VerifierRule.Limit, findings.Single().Rule);
        Assert.AreEqual(3, findings.Single().Instruction);
    }

    [TestMethod]
    public void Check_SampleProgram_FindsNothing()
    {
        IReadOnlyList<VerifierFinding> findings = ProgramVerifier.Check(SampleProgram.Program);
        Assert.IsEmpty(findings, string.Join('\n', findings.Select(finding => finding.ToString())));
    }

    [TestMethod]
    public void Open_Verified_RefusesTheFirstFinding()
    {
        Instruction[] code = [.. SampleProgram.Program.Code];
        code[4] = RuleBreaker.Copy(code[4]);
        (code[4][Field.Wait0Counter], code[4][Field.Wait0Value]) = (0, 0);
        byte[] file = ProgramWriter.Write(SampleProgram.Program with { Code = [.. code] });
        Assert.IsNotEmpty(ProgramReader.Open(file).Code);
        EbspFormatException refusal = Assert.ThrowsExactly<EbspFormatException>(() => ProgramVerifier.Open(file));
        Assert.AreEqual("EBSP4103", refusal.Code);
        StringAssert.Contains(refusal.Where, "tensor conv1.relu, tile at image 0, row 0, column 0, channel 0, instruction 4: vector ");
        Assert.AreEqual(0x20, file[refusal.Offset]);
    }

    [TestMethod]
    public void SegmentMap_RandomCuts_NumbersThemInOrder()
    {
        Random random = new(7);
        SegmentMap map = new(10_000);
        int[] cuts = [.. Enumerable.Range(0, 300).Select(_ => random.Next(10_001)).Distinct().Order()];
        foreach (int cut in cuts)
            map.Cut(cut);
        map.Seal();
        Assert.AreEqual(cuts.Length, map.Count);
        for (int i = 0; i < cuts.Length; i++)
        {
            Assert.AreEqual(i, map.At(cuts[i]));
            Assert.AreEqual(cuts[i], map.Address(i));
        }
    }

    [TestMethod]
    public void Merged_RandomRanges_KeepsTheBytes()
    {
        Random random = new(11);
        for (int round = 0; round < 500; round++)
        {
            PitchedRange range = new(Field.SrcAddress, Region.Buffer, false, random.Next(50), random.Next(1, 9),
                random.Next(1, 4), random.Next(12), random.Next(1, 4), random.Next(30), random.Next(1, 4), random.Next(90));
            Assert.IsTrue(Bytes(range).SetEquals(Bytes(range.Merged())), range.ToString());
            Assert.AreEqual(Bytes(range).Max() + 1, range.Hull.End);
        }

        static HashSet<long> Bytes(PitchedRange range) =>
            [.. range.RunStarts().SelectMany(start => Enumerable.Range(0, (int)range.RunBytes).Select(i => start + i))];
    }

    [TestMethod]
    public void Document_OfTheVerifier_ListsEveryRule()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Golden.RepositoryRoot, "docs", "verifier.md"));
        foreach (VerifierRule rule in Enum.GetValues<VerifierRule>())
            Assert.AreEqual(1, lines.Count(line => line.StartsWith($"| EBSP{(int)rule} | ", StringComparison.Ordinal)), rule.ToString());
    }

    // {full}: instructions of the array unit, one more than the queue that instruction 0 blocks has places left.
    private static IReadOnlyList<VerifierFinding> Check(string listing, int deeper = 0)
    {
        EbspProgram sample = SampleProgram.Program;
        string full = string.Join('|', Enumerable.Repeat("nop unit=array", sample.Arch.QueueDepth));
        Instruction[] code = Assembler.Assemble(listing.Replace("{full}", full, StringComparison.Ordinal).Replace('|', '\n') + "\nend");
        return ProgramVerifier.Check(sample with
        {
            Arch = sample.Arch with { QueueDepth = sample.Arch.QueueDepth + deeper },
            Code = [.. code], Layers = LayerMap.Empty(code.Length), Regions = sample.Regions with { ArenaBytes = 1 << 24 },
        });
    }
}
