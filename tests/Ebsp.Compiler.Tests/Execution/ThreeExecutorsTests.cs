using Ebsp.Compiler.Data;
using Ebsp.Compiler.Execution;
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
using Ebsp.Isa.Verification;
using Ebsp.TestKit;
using Ebsp.TestKit.Networks;

namespace Ebsp.Compiler.Tests.Execution;

/// <summary>The pretrained networks on the integer reference, the literal machine and the fast engine: one answer, tile by tile.</summary>
[TestClass]
public sealed class ThreeExecutorsTests
{
    private const int Interleavings = 20;

    public TestContext TestContext { get; set; } = null!;

    /// <summary>Every network with the formats of the matrix, of which every day runs one; the others turn on the smallest residual
    /// network.</summary>
    public static IEnumerable<object[]> Cases =>
        from network in Networks.All
        from format in new OperandFormat[] { new(6, 1), new(6, 2), new(6, 3), new(6, 4), new(8, 4) }
        where LongMode.On || format == new OperandFormat(6, 3) || network == "resnet8-cifar10"
        select new object[] { network, format.Bits, format.PatternLength };

    public static IEnumerable<object[]> AllNetworks => Networks.All.Select(network => new object[] { network });

    /// <summary>The networks that run in other orders and on more threads: all of them in long mode.</summary>
    public static IEnumerable<object[]> ReorderedNetworks => AllNetworks.Where(row => LongMode.On || (string)row[0] == "resnet8-cifar10");

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Executors_PretrainedNetwork_AgreeOnEveryTile(string network, int bits, int patternLength)
    {
        EbspProgram program = Program(network, bits, patternLength);
        AssertSound(program);
        AssertWhole(program);
        (string, MachineOptions) literal = ("literal", new MachineOptions { Engine = EngineKind.Literal });
        if (!Networks.IsLarge(network))
        {
            Verify(program, network, LongMode.Count(1, 10), [.. Tiers(), literal]);
        }
        else if (LongMode.On)
        {
            Verify(program, network, 10, [.. Tiers()]);
            Verify(program, network, 1, [literal]);
        }
        else
        {
            Verify(program, network, 1, [("fast", new MachineOptions())]);
        }
    }

    [TestMethod]
    [DynamicData(nameof(ReorderedNetworks))]
    public void Executors_UnitsInAnyOrder_AgreeOnEveryTile(string network)
    {
        Verify(Program(network, 6, 3), network, 1,
            [.. Enumerable.Range(1, Interleavings).Select(seed => ($"seed {seed}", new MachineOptions { InterleavingSeed = seed }))]);
    }

    [TestMethod]
    [DynamicData(nameof(ReorderedNetworks))]
    public void Executors_TwoThreads_AgreeOnEveryTile(string network)
    {
        EbspProgram program = Program(network, 6, 3);
        // Two machines at a time, each with its own comparison; then as `ebspc run --threads` shares out images.
        Parallel.For(0, 2, new ParallelOptions { MaxDegreeOfParallelism = 2 }, thread =>
            Verify(program, network, 1, [($"thread {thread}", new MachineOptions())]));
        MachineExecutor executor = new(program, new MachineOptions());
        ImageSet images = Networks.Images(network, 2);
        CollectionAssert.AreEqual(executor.Run(images, 1, _ => { }, CancellationToken.None),
            executor.Run(images, 2, _ => { }, CancellationToken.None));
    }

    [TestMethod]
    public void Compile_SmallBuffer_SpillsAndGivesTheSameAnswers()
    {
        Graph graph = ModelSection.Read(Program("resnet8-cifar10", 6, 3));
        ImageSet images = Networks.Images("resnet8-cifar10", 3);
        ArchSpec small = ArchPresets.Find("small-8")!;
        foreach (ArchSpec arch in new[] { ArchPresets.Find("small-16")!, small, small with { BufferBytes = 32_768 } })
        {
            EbspProgram program = Compile(graph, arch, batch: 2);
            Verification verification = new(program, arch.Name);
            verification.Run(images, [("fast", new MachineOptions())], _ => { }, CancellationToken.None);
            Assert.IsNull(verification.First, verification.First?.ToString());
            Assert.AreEqual(arch.Rows == 8, program.Regions.ArenaBytes > 0, arch.ToString());
        }
    }

    [TestMethod]
    public void ProductTable_OneEntryFlipped_ChangesTheLiteralMachineAlone()
    {
        EbspProgram program = Program("mnist-8", 6, 3);
        ProductTable table = ProductTable.For(3);
        ProductTable wrong = table.WithFault(5, 6, table[5, 6] ^ 1);
        Verification literal = new(program, "mnist-8"), fast = new(program, "mnist-8");
        ImageSet images = Networks.Images("mnist-8", 1);
        literal.Run(images, [("literal", new MachineOptions { Engine = EngineKind.Literal, Fault = wrong })], _ => { },
            CancellationToken.None);
        fast.Run(images, [("fast", new MachineOptions { Fault = wrong })], _ => { }, CancellationToken.None);
        Assert.IsNotNull(literal.First, "the run uses the entry");
        Assert.IsNull(fast.First);
        // The first layer of the network is named, and an instruction of it.
        int convolution = Enumerable.Range(0, program.Code.Length).First(i => program.Code[i].Opcode == Opcode.Conv);
        StringAssert.Contains(literal.First!.Cause, $"instruction {convolution}:");
        Assert.AreEqual(program.Layers.LayerOf(convolution), literal.First.Node);
    }

    [TestMethod]
    public void Address_Patched_ChangesLiteralAndFastAlikeAndNotTheReference()
    {
        EbspProgram program = Program("mnist-8", 6, 3);
        int index = Enumerable.Range(0, program.Code.Length).Last(i => program.Code[i].Opcode is Opcode.Conv or Opcode.MatMul);
        Instruction.TryDecode(Encode(program.Code[index]), out Instruction? patched, out _);
        patched![Field.SrcAddress] += 8;
        EbspProgram changed = ProgramReader.Open(ProgramWriter.Write(program with { Code = program.Code.SetItem(index, patched) }));
        ImageSet images = Networks.Images("mnist-8", 1);
        string right = Outcome(program, images, EngineKind.Fast), literal = Outcome(changed, images, EngineKind.Literal),
            fast = Outcome(changed, images, EngineKind.Fast);
        Assert.AreNotEqual(right, fast);
        Assert.AreEqual(literal, fast);
        int[] before = new IntegerReference(ModelSection.Read(program)).Scores(Input(program, images)),
            after = new IntegerReference(ModelSection.Read(changed)).Scores(Input(changed, images));
        CollectionAssert.AreEqual(before, after);
    }

    private static int[] Input(EbspProgram program, ImageSet images)
    {
        Graph graph = ModelSection.Read(program);
        return InputImages.Integers(graph, InputImages.Values(graph, images, 0));
    }

    private static byte[] Encode(Instruction instruction)
    {
        byte[] word = new byte[Instruction.SizeBytes];
        instruction.Encode(word);
        return word;
    }

    private static string Outcome(EbspProgram program, ImageSet images, EngineKind engine)
    {
        Machine machine = new(program, new MachineOptions { Engine = engine });
        machine.WriteImage(0, images.PixelsOf(0));
        try
        {
            machine.Run();
            return Convert.ToHexString(machine.Output);
        }
        catch (EmulatorTrapException trap)
        {
            return trap.Message;
        }
    }

    // Nothing to find before it runs, and a name for every cycle of every unit.
    private static void AssertSound(EbspProgram program)
    {
        Assert.IsEmpty(ProgramVerifier.Check(program));
        TimingReport report = TimingModel.Run(program);
        Assert.IsNull(report.Deadlock);
        foreach (UnitTime unit in report.Units)
        {
            Assert.AreEqual(report.Cycles, unit.Busy + unit.Stalls, unit.Unit.ToString());
            Assert.AreEqual(unit.Busy, report.Layers.Append(report.Rest).Sum(layer => layer[unit.Unit].Busy), unit.Unit.ToString());
        }
    }

    // The tiles that are compared leave out no tensor that is stored, accumulators included, and no element of one.
    private static void AssertWhole(EbspProgram program)
    {
        HashSet<string> compared = [.. program.Layers.Tensors.Select(tensor => tensor.Name)];
        foreach (Node node in ModelSection.Read(program).Nodes)
        {
            // Pieces, zero channels and concatenations of tensors are addresses and nothing of their own.
            if (node.Op is not (Slice or Pad or Concat))
                Assert.Contains(node.Output, compared);
        }

        for (int t = 0; t < program.Layers.Tensors.Length; t++)
        {
            MappedTensor tensor = program.Layers.Tensors[t];
            bool[] covered = new bool[tensor.Height * tensor.Width * tensor.Channels];
            foreach (MappedTile tile in program.Layers.Tiles.Where(tile => tile.Tensor == t))
            {
                Instruction code = program.Code[tile.Instruction];
                (long rows, long columns) = code.Opcode == Opcode.MatMul ? (1, 1) : (code[Field.Rows], code[Field.Columns]);
                for (int y = tile.FirstRow; y < tile.FirstRow + rows; y++)
                {
                    for (int x = tile.FirstColumn; x < tile.FirstColumn + columns; x++)
                        covered.AsSpan((y * tensor.Width + x) * tensor.Channels + tile.FirstChannel, (int)code[Field.Channels]).Fill(true);
                }
            }

            Assert.DoesNotContain(false, covered, tensor.Name);
        }
    }

    private void Verify(EbspProgram program, string network, int images, IReadOnlyList<(string, MachineOptions)> machines)
    {
        Verification verification = new(program, network);
        verification.Run(Networks.Images(network, images), machines, _ => { }, CancellationToken.None);
        Assert.IsNull(verification.First, verification.First?.ToString());
        Assert.AreEqual((long)program.Layers.Tiles.Length * images * machines.Count, verification.Tiles);
        TestContext.WriteLine(
            $"{string.Join(", ", machines.Select(machine => machine.Item1))}: {images} images, {verification.Tiles} tiles, " +
            $"{verification.Elements} elements");
    }

    private static IEnumerable<(string, MachineOptions)> Tiers() => KernelTiers.Supported
        .Select(tier => (tier.ToString(), new MachineOptions { Tier = tier }));

    private static EbspProgram Program(string network, int bits, int patternLength) => NetworkPrograms.Of(network, bits, patternLength);

    private static EbspProgram Compile(Graph graph, ArchSpec arch, int batch) => NetworkPrograms.Compile(graph, arch, batch);
}
