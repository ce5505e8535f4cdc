using System.Runtime.Intrinsics.X86;
using Ebsp.Cli.Running;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reference;
using Ebsp.Compiler.Tests;
using Ebsp.Emulator;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;

namespace Ebsp.EndToEnd.Tests;

/// <summary>The pretrained networks on the integer reference, the literal machine and the fast engine: one answer, tile by tile.</summary>
[TestClass]
public sealed class ExecutorTests
{
    public static IEnumerable<object[]> Cases =>
        from network in new[] { "mnist-8", "mnist-burn", "resnet8-cifar10", "resnet20-cifar10", "resnet32-cifar10", "resnet56-cifar10" }
        from format in new[] { new OperandFormat(6, 3), new OperandFormat(8, 4), new OperandFormat(6, 1) }
        select new object[] { network, format.Bits, format.PatternLength };

    [TestMethod]
    public void Executors_SqueezeNet_AgreeOnEveryTile()
    {
        // Eight concatenations without a copy; quantising it with all measures takes long.
        EbspProgram program = Program("squeezenet1.0-dc", 6, 3);
        Verify(program, "squeezenet1.0-dc", 1, [("fast", new MachineOptions())]);
        if (LongMode.On)
            Verify(program, "squeezenet1.0-dc", 1, [.. Tiers(), ("literal", new MachineOptions { Engine = EngineKind.Literal })]);
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Executors_PretrainedNetwork_AgreeOnEveryTile(string network, int bits, int patternLength)
    {
        EbspProgram program = Program(network, bits, patternLength);
        Verify(program, network, LongMode.Count(1, 10), [.. Tiers()]);
        Verify(program, network, LongMode.Count(1, network == "resnet56-cifar10" ? 2 : 10), [("literal", new MachineOptions { Engine = EngineKind.Literal })]);
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
        literal.Run(images, [("literal", new MachineOptions { Engine = EngineKind.Literal, Fault = wrong })], _ => { }, CancellationToken.None);
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
        string right = Outcome(program, images, EngineKind.Fast), literal = Outcome(changed, images, EngineKind.Literal), fast = Outcome(changed, images, EngineKind.Fast);
        Assert.AreNotEqual(right, fast);
        Assert.AreEqual(literal, fast);
        int[] before = new IntegerReference(ModelSection.Read(program)).Scores(Input(program, images)), after = new IntegerReference(ModelSection.Read(changed)).Scores(Input(changed, images));
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

    private static void Verify(EbspProgram program, string network, int images, IReadOnlyList<(string, MachineOptions)> machines)
    {
        Verification verification = new(program, network);
        verification.Run(Networks.Images(network, images), machines, _ => { }, CancellationToken.None);
        Assert.IsNull(verification.First, verification.First?.ToString());
        Assert.AreEqual((long)program.Layers.Tiles.Length * images * machines.Count, verification.Tiles);
    }

    private static IEnumerable<(string, MachineOptions)> Tiers() => Enum.GetValues<KernelTier>()
        .Where(tier => tier switch { KernelTier.AvxVnni => AvxVnni.IsSupported, KernelTier.Avx2 => Avx2.IsSupported, _ => true })
        .Select(tier => (tier.ToString(), new MachineOptions { Tier = tier }));

    private static EbspProgram Program(string network, int bits, int patternLength) => NetworkPrograms.Of(network, bits, patternLength);

    private static EbspProgram Compile(Graph graph, ArchSpec arch, int batch) => NetworkPrograms.Compile(graph, arch, batch);
}
