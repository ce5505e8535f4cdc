using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reference;
using Ebsp.Emulator;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Tests.CodeGen;

/// <summary>Networks with local responses, gates and tables from float to the machine.</summary>
[TestClass]
public sealed class MappedLayerTests
{
    [TestMethod]
    [DataRow("default", 1, false)]
    [DataRow("small-16", 2, false)]
    [DataRow("small-16", 1, true)]
    public void Compile_NetworkWithHostStepsGatesAndTables_AllExecutorsAgree(string preset, int batch, bool spills)
    {
        Graph graph = Quantized(Network(hasGates: !spills), out ImageSet images);
        ArchSpec arch = ArchPresets.Find(preset)!;
        EbspProgram program = RandomProgramTests.Compile(graph, arch, batch);
        for (int bytes = arch.BufferBytes / 2; spills && program.Regions.ArenaBytes == 0; bytes -= 1024)
            program = RandomProgramTests.Compile(graph, arch with { BufferBytes = bytes }, batch);
        IntegerReference reference = new(ModelSection.Read(program));
        ReferenceRun[] runs =
            [.. Enumerable.Range(0, batch).Select(n => reference.Run(InputImages.Integers(graph, InputImages.Values(graph, images, n))))];
        foreach (EngineKind engine in Enum.GetValues<EngineKind>())
        {
            TileComparison comparison = new(program, runs);
            Machine machine = new(program, new MachineOptions { Engine = engine, InterleavingSeed = 3 }) { Observer = comparison };
            for (int n = 0; n < batch; n++)
                machine.WriteImage(n, InputImages.Values(graph, images, n));
            machine.Run();
            Assert.IsNull(comparison.First, $"{comparison.First}");
            Assert.AreEqual(program.Layers.Tiles.Length, comparison.Tiles);
            float[] scores = new float[5];
            machine.ReadScores(0, scores);
            Assert.AreEqual(1, scores.Sum());
            Assert.AreEqual(1, scores[Array.IndexOf(runs[0].Scores, runs[0].Scores.Max())]);
        }
    }

    [TestMethod]
    public void Compile_LocalResponse_IsAHostStepOfTheReport()
    {
        Graph graph = Quantized(Network(hasGates: true), out _);
        EbspProgram program = RandomProgramTests.Compile(graph, ArchPresets.Default, 1);
        Assert.AreEqual(new HostStep(HostStepKind.LocalResponse, "n2"), program.HostSteps.Single());
        int[] steps = [.. Enumerable.Range(0, program.Code.Length).Where(i => program.Code[i].Opcode == Opcode.Host)];
        Assert.IsTrue(steps.All(i => program.Layers.LayerOf(i) == "n2"));
        long elements = graph.TypeOf("n2").Shape.Elements;
        TimingReport report = TimingModel.Run(program);
        Assert.AreEqual(elements, report.Actions.HostElements);
        Assert.AreEqual(elements * program.Arch.HostCyclesPerElement, report.Units.Single(unit => unit.Unit == Unit.Host).Busy);
        // Two tables and a product; the pool in front of the gates is the only sum.
        Assert.AreEqual(2, program.Code.Where(i => i.Opcode == Opcode.Lut).Select(i => i[Field.Constants]).Distinct().Count());
        Instruction[] products = [.. program.Code.Where(i => i.Opcode == Opcode.Vector && i[Field.Mode] == 1)];
        Assert.IsNotEmpty(products);
        Assert.IsTrue(products.All(product => (product[Field.AddPixelPitch], product[Field.AddRowPitch]) == (0, 0)));
    }

    [TestMethod]
    public void Compile_GatesInBuffersOfEverySize_AllExecutorsAgree()
    {
        PatternFormat u6 = PatternFormat.Window(6, 3, false), s6 = PatternFormat.Window(6, 3, true);
        GraphBuilder b = new("gates", "x", new Shape(256, 1, 2), new InputEncoding(u6, 1, 1));
        b.Add("pool", new SumPool(new KernelWindow(1, 2), false), ["x"], "sum");
        string gate = b.Add("gate", new Requantize([1 << 20], false, 0, [], 16, 0, 2000, PatternFormat.Int16), "sum");
        string product = b.Add("product", new TensorProduct([1 << 20], 28, 0, 63, u6), "x", gate);
        b.Add("conv", new IntegerConv(8, new KernelWindow(1, 1), 1, s6, [.. Enumerable.Range(0, 8 * 256).Select(i => (sbyte)(i % 5 - 2))],
            [.. new int[8]]), [product], "acc");
        Graph graph = b.Build(
            b.Add("scores", new Requantize([1], false, 0, [], 1, -int.MaxValue, int.MaxValue, PatternFormat.Int32), "acc"));
        int[] input = RandomGraph.Input(graph, new Random(1));
        ReferenceRun run = new IntegerReference(graph).Run(input);
        int programs = 0;
        for (int bytes = 4096; bytes <= 16_384; bytes += 512)
        {
            EbspProgram program;
            try
            {
                program = RandomProgramTests.Compile(graph, ArchPresets.Find("small-16")! with { BufferBytes = bytes }, 1);
            }
            catch (EbspException tooSmall) when (tooSmall.Diagnostics[0].Code == "EBSP3001")
            {
                continue;
            }

            programs++;
            TileComparison comparison = new(program, [run]);
            Machine machine = new(program) { Observer = comparison };
            RandomProgramTests.WriteInput(machine, program, 0, input);
            machine.Run();
            Assert.IsNull(comparison.First, $"{bytes}: {comparison.First}");
        }

        Assert.IsGreaterThan(5, programs);
    }

    // conv, relu, local response, conv, tanh, gates by channel, conv, classes, arg-max.
    private static Graph Network(bool hasGates)
    {
        SmallNetwork net = new(5, new Shape(3, 40, 12));
        string a = net.Response(net.Relu(net.Conv("x", 12, 3, pad: 1)));
        a = net.Point(PointFunctionKind.Tanh, net.Conv(a, 20, 3, pad: 1));
        // A global average wants its whole map at once: without it rows can be staged.
        string gate = !hasGates
            ? a
            : net.Point(PointFunctionKind.Sigmoid,
            net.Full(net.Full(net.Node(new AveragePool(new KernelWindow(40, 12), false, false), a), 6), 20));
        a = net.Relu(net.Conv(net.Multiply(a, gate), 8, 3, stride: 2));
        return net.Build(net.Node(new ArgMax(), net.Full(a, 5)));
    }

    private static Graph Quantized(Graph graph, out ImageSet images)
    {
        Random random = new(3);
        Shape shape = graph.InputShape;
        float[] values = [.. Enumerable.Range(0, 32 * (int)shape.Elements).Select(_ => (float)(random.NextDouble() * 2 - 1))];
        images = new ImageSet("noise", shape.Channels, shape.Height, shape.Width, 32, [], null) { Values = values };
        return Quantizer.Run(graph, images, new QuantizerOptions { Threads = 2 }).Graph;
    }
}
