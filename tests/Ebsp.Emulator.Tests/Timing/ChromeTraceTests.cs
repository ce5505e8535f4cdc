using Ebsp.Emulator.Timing;
using Ebsp.Emulator.Tracing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;
using Ebsp.TestKit.Timing;

namespace Ebsp.Emulator.Tests.Timing;

[TestClass]
public sealed class ChromeTraceTests
{
    [TestMethod]
    public void Write_RandomPrograms_SaysWhatTheReportSaysAtEveryDetail()
    {
        Random random = new(2022);
        for (int round = 0; round < 60; round++)
        {
            Instruction[] code = RandomPrograms.Code(random);
            string[] layers = ["conv \"1\"", "conv2", "фс"];
            EbspProgram program = TimingPrograms.Make(RandomPrograms.Machine(random), code) with
            {
                Layers = new LayerMap([.. layers], [.. code.Select(_ => random.Next(-1, layers.Length))], [],
                    [.. Enumerable.Range(0, code.Length).Where(_ => random.Next(3) == 0)
                        .Select(i => new MappedTile(i, 0, 0, random.Next(3), 0, 0))]),
            };
            TimingReport report = TimingModel.Run(program);
            int spans = int.MaxValue;
            foreach (TraceDetail detail in Enum.GetValues<TraceDetail>())
            {
                using MemoryStream stream = new();
                TimingReport traced = ChromeTrace.Write(stream, program, detail: detail);
                Assert.AreEqual(report.Cycles, traced.Cycles);
                RecordedTrace trace = new(stream.ToArray());
                trace.AssertIs(report);
                Assert.IsLessThanOrEqualTo(spans, trace.Spans);
                spans = trace.Spans;
            }
        }
    }

    [TestMethod]
    public void Write_TwoTiles_NamesLayersTilesStallsAndCounters()
    {
        EbspProgram program = TimingPrograms.Assemble(
            "load region=input groups=8 bits=8 signal=1\nmatmul images=16 srcchannels=20 channels=8 wait0=1 until0=1 signal=2\nstore " +
                "region=output groups=8 bits=8 wait0=2 until0=1\nend");
        program = program with { Layers = new LayerMap(["a"], [0, 0, 0, -1], [], [new MappedTile(1, 0, 0, 0, 0, 0)]) };
        using MemoryStream stream = new();
        ChromeTrace.Write(stream, program);
        string json = System.Text.Encoding.UTF8.GetString(stream.ToArray());
        Assert.Contains("""{"name":"load","ph":"X","pid":1,"tid":2,"ts":1,"dur":10,"args":{"layer":"a","tile":0,"instruction":0,"busy":10}}""", json);
        Assert.Contains("""{"name":"stall counter 1","ph":"X","pid":1,"tid":3,"ts":2,"dur":13,"args":{"layer":"a","tile":0,"instruction":1,"waitsFor":1,"counter":13}}""", json);
        Assert.Contains("""{"name":"counter 1","ph":"C","pid":1,"ts":15,"args":{"value":1}}""", json);
        Assert.AreEqual(1L, new RecordedTrace(stream.ToArray()).Counters["counter 2"]);
        Assert.AreEqual(TraceDetail.Instruction, ChromeTrace.Finest(program));
    }

    [TestMethod]
    public void Finest_ManyInstructions_StaysWithinTheLimit()
    {
        Instruction[] code = [
            .. Assembler.Assemble(string.Concat(Enumerable.Repeat("nop unit=array signal=2\nnop unit=vector signal=3\n", 60_000)) + "end")];
        EbspProgram program = TimingPrograms.Make(TimingPrograms.Machine, code);
        program = program with { Layers =
            new LayerMap(["layer"], [.. Enumerable.Repeat(0, code.Length - 1), -1], [], [new MappedTile(0, 0, 0, 0, 0, 0)]) };
        TraceDetail detail = ChromeTrace.Finest(program);
        Assert.AreEqual(TraceDetail.Tile, detail);
        using MemoryStream stream = new();
        ChromeTrace.Write(stream, program, detail: detail);
        Assert.IsLessThanOrEqualTo(ChromeTrace.MaxBytes, stream.Length);
        new RecordedTrace(stream.ToArray()).AssertIs(TimingModel.Run(program));
    }
}
