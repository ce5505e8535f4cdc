using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Ebsp.Isa.Verification;
using Ebsp.TestKit.Timing;

namespace Ebsp.Emulator.Tests.Timing;

[TestClass]
public sealed class TimingModelTests
{
    [TestMethod]
    public void Run_RandomPrograms_AgreesWithOneCycleAtATime()
    {
        Random random = new(20220711);
        int deadlocks = 0;
        for (int round = 0; round < 500; round++)
        {
            ArchSpec arch = RandomPrograms.Machine(random);
            Instruction[] code = RandomPrograms.Code(random);
            NaiveMachine naive = new(arch, code, TimingPrograms.Tables);
            TimelineSink sink = new();
            EbspProgram program = TimingPrograms.Make(arch, code);
            TimingReport report = TimingModel.Run(program, sink: sink);

            string what = $"program {round}\n{string.Join('\n', code.Select(i => i.ToString()))}";
            Assert.AreEqual(naive.Total, report.Cycles, what);
            Assert.AreEqual(naive.DeadlockAt, report.Deadlock?.Instruction ?? -1, what);
            Assert.AreEqual(naive.DeadlockAt, ExecutionOrder.Of(program, round).Blocked, what);
            bool refused = ProgramVerifier.Check(program).Any(finding => finding.Rule is VerifierRule.Unreachable or VerifierRule.Deadlock);
            Assert.AreEqual(naive.DeadlockAt >= 0, refused, what);
            foreach (UnitTime time in report.Units)
            {
                Assert.AreEqual(naive.Cycles(time.Unit, "busy"), time.Busy, $"{time.Unit} busy, {what}");
                foreach (StallKind kind in Enum.GetValues<StallKind>())
                    Assert.AreEqual(naive.Cycles(time.Unit, TimelineSink.Name(kind)), time.Of(kind), $"{time.Unit} {kind}, {what}");
                Assert.AreEqual(naive.Total, time.Busy + time.Stalls, $"{time.Unit}, {what}");
                Assert.EndsWith($" {report.Cycles}", sink[time.Unit], what);
            }

            deadlocks += report.Deadlock is null ? 0 : 1;
        }

        Console.WriteLine($"{deadlocks} of 500 hang");
        Assert.IsGreaterThan(50, deadlocks);
        Assert.IsLessThan(450, deadlocks);
    }

    [TestMethod]
    public void BurstBytes_RandomPitches_EqualsTheSumOverAllRuns()
    {
        Random random = new(4818);
        for (int round = 0; round < 20_000; round++)
        {
            Instruction transfer = RandomPrograms.Transfer(random, Opcode.Load, 12);
            int burst = 1 << random.Next(13);
            Assert.AreEqual(NaiveMachine.BurstBytes(transfer, burst), DramBursts.Bytes((TransferInstruction)InstructionView.Of(transfer),
                burst), $"{transfer}, bursts of {burst}");
        }
    }

    [TestMethod]
    public void BurstBytes_LargestExtents_IsClosedForm()
    {
        Instruction transfer =
            Assembler.Assemble("load images=4095 rows=65535 columns=65535 groups=1 bits=5 dpixel=37 drow=3000001 dimage=60000000007")[0];
        // A loop over so many runs would not end.
        long bytes = DramBursts.Bytes((TransferInstruction)InstructionView.Of(transfer), 64);
        // 5 bytes lie across two bursts at 4 of 64 places, and the places are as good as uniform.
        Assert.AreEqual(64 * (1 + 4 / 64.0), bytes / (4095.0 * 65535 * 65535), 0.001);
    }

    [TestMethod]
    public void Run_OtherBandwidth_ChangesTheTimeAndNotTheActions()
    {
        EbspProgram program = TimingPrograms.Assemble("load region=input columns=2 groups=8 bits=8 dpixel=64\nend");
        TimingReport own = TimingModel.Run(program);
        TimingReport slow = TimingModel.Run(program, program.Arch with { DramBytesPerSecond = 1_600_000_000, DramLatencyCycles = 20 });
        Assert.AreEqual(1 + 10 + 8, own.Cycles);
        Assert.AreEqual(1 + 20 + 40, slow.Cycles);
        Assert.AreEqual(own.Actions.DramTotal, slow.Actions.DramTotal);
    }

    [TestMethod]
    public void Run_OtherStructure_NamesTheFields()
    {
        EbspProgram program = TimingPrograms.Assemble("end");
        ArgumentException error =
            Assert.ThrowsExactly<ArgumentException>(() => TimingModel.Run(program, program.Arch with { Rows = 9, QueueDepth = 2 }));
        Assert.Contains("rows, queueDepth", error.Message);
    }

    [TestMethod]
    public void Run_Deadlock_NamesTheFirstWaitingInstruction()
    {
        TimingReport report = TimingModel.Run(TimingPrograms.Assemble(
            "nop unit=load signal=3\nnop unit=store wait0=3 until0=1\nnop unit=pool wait0=3 until0=1 wait1=3 until1=2\nnop unit=load " +
                "wait0=9 until0=1\nend"));
        Assert.AreEqual(new TimingDeadlock(2, Unit.Pool, 3, 2, 1), report.Deadlock);
    }

    [TestMethod]
    public void Run_SmallNetwork_CountsActions()
    {
        const string Text = """
            load region=weights dram=0x20 groups=8 bits=8
            load region=input rows=4 columns=4 bits=6 dpixel=6 drow=24
            conv srcrows=4 srccolumns=4 kernelrows=3 kernelcolumns=3 padtop=1 padleft=1 rows=4 columns=4 srcchannels=3 channels=5 srcformat=u6(3) weightformat=s6(3) start=bias
            vector space=psum srcformat=s32 dstformat=u6(3) rows=4 columns=4 channels=5
            vector srcformat=u6(3) addformat=s8 dstformat=s16 rows=4 columns=4 channels=5 addgroups=1
            pool srcformat=u6(3) dstformat=s32 kernelrows=4 kernelcolumns=4 channels=5 mode=sum
            lut srcformat=u8 dstformat=u8 constants=0x100 channels=8
            host srcformat=s16 dstformat=s16 srcchannels=5 channels=5
            depthwise rows=4 columns=4 channels=6 multiplier=2 kernelrows=3 kernelcolumns=3 srcformat=u6(3) weightformat=s6(3) coding=plain start=accumulate
            store region=arena groups=1 bits=16
            end
            """;
        ActionCounts actions = TimingModel.Run(TimingPrograms.Assemble(Text)).Actions;

        Assert.AreEqual(new DramBytes(64, 128, 0, 0), actions.Dram[(int)Region.Weights]);
        Assert.AreEqual(new DramBytes(96, 128, 0, 0), actions.Dram[(int)Region.Input]);
        Assert.AreEqual(new DramBytes(32 + 256, 64 + 256, 0, 0), actions.Dram[(int)Region.Tables]); // The second VECTOR finds the block.
        Assert.AreEqual(new DramBytes(0, 0, 16, 64), actions.Dram[(int)Region.Arena]);
        Assert.AreEqual(new UnitActions(2, 0, 64 + 16 * 8, 0, 0), actions[Unit.Load]);
        Assert.AreEqual(new UnitActions(1, 16, 0, 0, 0), actions[Unit.Store]);

        // CONV: 27 taps in 4 folds of 8 rows; 5 weights of 27 codes of 5 bits in 17 bytes each. DEPTHWISE: 9 taps in 2 folds, 6 weights of
        // 54 bits in 7 bytes.
        Assert.AreEqual(16 * 5 * 27 + 16 * 6 * 9, actions.Macs);
        Assert.AreEqual(actions.Macs, actions.LutProducts);
        Assert.AreEqual(
            new UnitActions(2, 16 * 27 + 5 * 17 + 5 * 4 + 16 * 9 * 3 + 6 * 7, 0, 3 * 16 * 8 * 4 + 2 * 16 * 8 * 4, 4 * 16 * 8 * 4
                + 2 * 16 * 8 * 4), actions[Unit.Array]);
        Assert.AreEqual(160, actions.VectorElements);
        Assert.AreEqual(8, actions.LutElements);
        Assert.AreEqual(new UnitActions(3, 16 * 5 + 16 * 8 + 8, 16 * 8 + 16 * 8 * 2 + 8, 16 * 5 * 4, 0), actions[Unit.Vector]);
        Assert.AreEqual(16 * 5, actions.PoolElements);
        Assert.AreEqual(new UnitActions(1, 16 * 5, 0, 0, 8 * 4), actions[Unit.Pool]);
        Assert.AreEqual(5, actions.HostElements);
        Assert.AreEqual(new UnitActions(1, 5 * 2, 8 * 2, 0, 0), actions[Unit.Host]);
        Assert.AreEqual(1, TimingModel.Run(TimingPrograms.Assemble(Text)).Actions[Unit.Fetch].Instructions);
    }

    [TestMethod]
    public void Run_LayerMap_GivesTheSpanOfEachLayer()
    {
        EbspProgram program = TimingPrograms.Assemble(
            "matmul images=16 srcchannels=20 channels=8 signal=1\nvector columns=4 channels=8 wait0=1 until0=1\nmatmul images=4 " +
                "srcchannels=8 channels=8\nend");
        program = program with { Layers = new LayerMap(["a", "b"], [0, 0, 1, -1], [], []) };
        TimingReport report = TimingModel.Run(program);

        // Fill 8, three folds of 16, drain 7; the block is read in 10 + 4 cycles, then 32 elements on 8 lanes; the second tile follows the
        // first at once.
        LayerTime a = report.Layers[0], b = report.Layers[1];
        Assert.AreEqual(("a", 1L, 64L + 14 + 4), (a.Name, a.Start, a.End));
        Assert.AreEqual(("b", 64L, 87L, 23L), (b.Name, b.Start, b.End, b.Span));
        Assert.AreEqual(new UnitTime(Unit.Array, 63, 1, 0, 0, 0, 0), a[Unit.Array]);
        Assert.AreEqual(new UnitTime(Unit.Array, 23, 0, 0, 0, 0, 0), b[Unit.Array]);
        Assert.AreEqual(new UnitTime(Unit.Vector, 10 + 4 + 4, 2, 62, 0, 0, 0), a[Unit.Vector]);
        Assert.AreEqual(new UnitTime(Unit.Vector, 0, 0, 0, 0, 0, 5), report.Rest[Unit.Vector]);
        Assert.AreEqual(16 * 20 * 8, a.Actions.Macs);
        Assert.AreEqual(4 * 8 * 8, b.Actions.Macs);
        TimingPrograms.AssertEveryCycleHasAName(report);
        Assert.AreEqual((16 * 20 * 8 + 4 * 8 * 8) / (64.0 * 87), report.Utilization, 1e-12);
    }

    [TestMethod]
    public void Run_HundredThousandInstructions_ExplainsEveryCycle()
    {
        List<Instruction> code = [.. Assembler.Assemble(string.Concat(Enumerable.Repeat("""
            load region=input rows=4 columns=8 groups=2 bits=6 dpixel=12 drow=200 signal=1
            conv rows=4 columns=4 kernelrows=3 kernelcolumns=3 srcchannels=16 channels=8 signal=2
            vector rows=4 columns=4 channels=8 signal=3
            store region=arena rows=4 columns=4 groups=1 bits=6 dpixel=30 drow=300

            """, 25_000)) + "end")];
        for (int tile = 0; tile < 25_000; tile++)
        {
            for (int unit = 1; unit < 4; unit++)
            {
                code[tile * 4 + unit][Field.Wait0Counter] = unit;
                code[tile * 4 + unit][Field.Wait0Value] = tile + 1;
            }
        }

        EbspProgram program = TimingPrograms.Make(TimingPrograms.Machine, [.. code]);
        TimingReport report = TimingModel.Run(program);
        Assert.IsNull(report.Deadlock);
        TimingPrograms.AssertEveryCycleHasAName(report);
    }
}
