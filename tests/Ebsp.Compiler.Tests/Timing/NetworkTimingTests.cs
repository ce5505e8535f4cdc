using Ebsp.Compiler.Tests.Execution;
using Ebsp.Emulator.Timing;
using Ebsp.Emulator.Tracing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;
using Ebsp.TestKit.Networks;
using Ebsp.TestKit.Timing;

namespace Ebsp.Compiler.Tests.Timing;

/// <summary>Time of the pretrained networks: every cycle of every unit has a name, in the report and in the trace.</summary>
[TestClass]
public sealed class NetworkTimingTests
{
    [TestMethod]
    [DynamicData(nameof(ThreeExecutorsTests.AllNetworks), typeof(ThreeExecutorsTests))]
    public void Run_PretrainedNetwork_BusyAndStallsAreTheTotal(string network)
    {
        EbspProgram program = NetworkPrograms.Of(network, 6, 3);
        TimingReport report = TimingModel.Run(program);
        // The naive machine steps through every cycle and shares no code with the timing model.
        NaiveMachine naive = new(program.Arch, program.Code, program.Tables.ToArray());
        Assert.AreEqual(naive.Total, report.Cycles);
        foreach (UnitTime unit in report.Units)
        {
            Assert.AreEqual(naive.Total, unit.Busy + unit.Stalls, unit.Unit.ToString());
            Assert.AreEqual(naive.Cycles(unit.Unit, "busy"), unit.Busy, unit.Unit.ToString());
            Assert.AreEqual(unit.Busy, report.Layers.Append(report.Rest).Sum(layer => layer[unit.Unit].Busy), unit.Unit.ToString());
            foreach (StallKind kind in Enum.GetValues<StallKind>())
                Assert.AreEqual(unit.Of(kind), report.Layers.Append(report.Rest).Sum(layer => layer[unit.Unit].Of(kind)),
                    $"{unit.Unit} {kind}");
        }

        Assert.AreEqual(report.Actions.Macs, report.Layers.Sum(layer => layer.Actions.Macs));
        Assert.AreEqual(report.Actions.DramTotal,
            report.Layers.Append(report.Rest).Select(layer => layer.Actions.DramTotal).Aggregate((a, b) => a + b));
        Assert.AreEqual(program.Code.Length,
            report.Layers.Append(report.Rest).Sum(layer => layer.Actions.Units.Sum(unit => unit.Instructions)));
    }

    [TestMethod]
    [DynamicData(nameof(ThreeExecutorsTests.AllNetworks), typeof(ThreeExecutorsTests))]
    public void Trace_PretrainedNetwork_AddsUpToTheReport(string network)
    {
        EbspProgram program = NetworkPrograms.Of(network, 6, 3);
        TimingReport report = TimingModel.Run(program);
        foreach (TraceDetail detail in Enum.GetValues<TraceDetail>())
        {
            using MemoryStream stream = new();
            ChromeTrace.Write(stream, program, detail: detail);
            Assert.IsLessThanOrEqualTo(ChromeTrace.MaxBytes, stream.Length);
            RecordedTrace trace = new(stream.ToArray());
            trace.AssertIs(report);
            // The compiler's programs raise the counter of their unit with every instruction.
            for (Unit unit = Unit.Load; unit <= Unit.Host; unit++)
                Assert.AreEqual(program.Code.Count(i => i[Field.Signal] == (long)unit),
                    trace.Counters.GetValueOrDefault($"counter {(int)unit}"));
            Console.WriteLine($"{network}, {detail}: {trace.Spans} spans, {stream.Length} bytes");
        }
    }
}
