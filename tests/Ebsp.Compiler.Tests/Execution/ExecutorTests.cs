using Ebsp.Compiler.Data;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reports;
using Ebsp.Emulator;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Execution;

/// <summary>The three executors behind one face, without a command line.</summary>
[TestClass]
public sealed class ExecutorTests
{
    private const int Images = 5, Batch = 2;

    private static readonly Shape Input = new(3, 8, 8);

    [TestMethod]
    public void Run_ProgramAndItsGraph_GiveTheSameScoresForAnyThreads()
    {
        (Graph graph, EbspProgram program) = Network();
        ImageSet images = RandomImages.Of(Input, Images);
        float[] reference = new IntegerExecutor(graph).Run(images);
        int done = 0;
        float[] fast = new MachineExecutor(program).Run(images, threads: 2, count => Interlocked.Add(ref done, count));
        float[] literal = new MachineExecutor(program, new MachineOptions { Engine = EngineKind.Literal }).Run(images);
        CollectionAssert.AreEqual(reference, fast);
        CollectionAssert.AreEqual(reference, literal);
        Assert.AreEqual(Images, done);
        Assert.AreEqual(new Agreement(Images, Images), Agreement.Of(reference, fast, Images));
    }

    [TestMethod]
    public void Of_AFileOfEachKind_IsItsExecutor()
    {
        (Graph graph, EbspProgram program) = Network();
        using TemporaryFolder folder = new();
        ModelFile quantized = ModelFile.Open(folder.Write("net.q.pb", GraphFile.Serialize(graph)));
        ModelFile compiled = ModelFile.Open(folder.Write("net.ebsp", ProgramWriter.Write(program)));
        Assert.IsInstanceOfType<IntegerExecutor>(Executor.Of(quantized));
        Assert.IsInstanceOfType<MachineExecutor>(Executor.Of(compiled));
        Assert.AreEqual("an .ebsp program", compiled.Kind);
        Assert.AreEqual(quantized.FileSha256, quantized.Sha256);
        ImageSet images = RandomImages.Of(Input, Images);
        CollectionAssert.AreEqual(Executor.Of(quantized).Run(images), Executor.Of(compiled).Run(images));
    }

    [TestMethod]
    public void RunTime_OfSeveralRuns_AddsUpForEachUnit()
    {
        (_, EbspProgram program) = Network();
        MachineExecutor executor = new(program);
        RunTime time = new(TimingModel.Run(program), program.Arch, executor.RunsFor(Images), Images);
        Assert.AreEqual(3, time.Runs);
        Assert.AreEqual(time.OneRun.Cycles * 3, time.Cycles);
        foreach (UnitCycles unit in time.Units)
            Assert.AreEqual(time.Cycles, unit.Total, $"{unit.Unit}");
        Assert.AreEqual(time.TotalTraffic.BurstRead, time.Traffic.Sum(row => row.Bytes.BurstRead));
        Assert.IsEmpty(HostWork.Of(program));
    }

    [TestMethod]
    public void Verification_OfAProgram_ComparesEveryTile()
    {
        (_, EbspProgram program) = Network();
        Verification verification = new(program, "net.ebsp");
        verification.Run(RandomImages.Of(Input, Images), [("fast", new MachineOptions())]);
        Assert.IsNull(verification.First);
        Assert.AreEqual(3 * program.Layers.Tiles.Length, verification.Tiles);
    }

    private static (Graph Graph, EbspProgram Program) Network()
    {
        SmallNetwork network = new(1, Input);
        Graph graph = network.Build(network.Full(network.Relu(network.Conv("x", 8, 3, pad: 1)), 4));
        Graph integers = Quantizer.Run(graph, RandomImages.Of(Input, 8), new QuantizerOptions()).Graph;
        return (integers, ModelCompiler.Compile(integers, new CompileOptions(ArchPresets.Default, Batch, new string('0', 64), "")));
    }
}
