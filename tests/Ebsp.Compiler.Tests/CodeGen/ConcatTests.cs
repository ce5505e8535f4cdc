using Ebsp.Compiler.Ir;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Tests.CodeGen;

/// <summary>Concatenations on the machine: in place where a layer writes them, one copy where it cannot.</summary>
[TestClass]
public sealed class ConcatTests
{
    private static readonly PatternFormat Format = PatternFormat.Window(6, 3, false);

    [TestMethod]
    public void Compile_PartsOfLayers_AreWrittenInPlace()
    {
        EbspProgram program = Compile(Joined(16, (builder, a, b) => builder.Add("joined", new Concat(), a, b)));
        // Two convolutions and the scores write; nothing else does but the prefetch of constants.
        Assert.AreEqual(3, program.Layers.Tiles.Count(tile => program.Code[tile.Instruction].Opcode == Opcode.Vector));
        Instruction[] parts =
            [.. program.Layers.Tiles.Where(tile => program.Layers.Tensors[tile.Tensor].Name is "a" or "b")
            .Select(tile => program.Code[tile.Instruction])];
        Assert.AreEqual(parts[0][Field.DstAddress] + 16, parts[1][Field.DstAddress]);
        Assert.AreEqual(24, parts[0][Field.DstPixelPitch]);
    }

    [TestMethod]
    public void Compile_PartTwice_IsCopiedOnce()
    {
        Graph graph = Joined(16, (builder, a, b) => builder.Add("joined", new Concat(), a, b, a));
        EbspProgram program = Compile(graph);
        Assert.Contains("joined.copy2", program.Layers.Layers);
        RandomProgramTests.AssertExecutorsAgree(graph, program, 1);
    }

    [TestMethod]
    public void Compile_PartWithinAGroupOfChannels_IsMovedByALayerThatIsShown()
    {
        Graph graph = Joined(12, (builder, a, b) => builder.Add("joined", new Concat(), a, b));
        EbspProgram program = Compile(graph);
        Assert.Contains("joined.copy", program.Layers.Layers);
        RandomProgramTests.AssertExecutorsAgree(graph, program, 1);
    }

    [TestMethod]
    [DataRow("small-8", 1)]
    [DataRow("small-16", 2)]
    public void Compile_LongReduction_IsCutAndStaysTheSame(string machine, int batch)
    {
        // 9 * 2048 products of 8 outputs need 11,528 bytes of weights: more than an eighth of 64 KiB, and of 128 KiB with 16 columns.
        GraphBuilder builder = new("long", "input", new Shape(2048, 3, 3), new InputEncoding(Format, 1, 1));
        string sums = Conv(builder, "input", 20, new KernelWindow(3, 3));
        builder.Add("scores", new Requantize([1], false, 0, [], 1, -int.MaxValue, int.MaxValue, PatternFormat.Int32), sums);
        Graph graph = builder.Build("scores");
        EbspProgram program = RandomProgramTests.Compile(graph, ArchPresets.Find(machine)!, batch);
        Assert.IsTrue(program.Code.Any(i => i.Opcode == Opcode.Conv && i[Field.Start] == 2));
        RandomProgramTests.AssertExecutorsAgree(graph, program, 2);
    }

    private static EbspProgram Compile(Graph graph) => RandomProgramTests.Compile(graph, ArchPresets.Default, 1);

    // Two convolutions of the input, joined, and scores of what that gives.
    private static Graph Joined(int channels, Func<GraphBuilder, string, string, string> join)
    {
        GraphBuilder builder = new("concat", "input", new Shape(8, 6, 6), new InputEncoding(Format, 1, 1));
        Requantize store = new([1 << 20], false, 0, [], 30, 0, 63, Format);
        string a = builder.Add("a", store, Conv(builder, "input", channels, new KernelWindow(3, 3, 1, 1, 1, 1, 1, 1)));
        string b = builder.Add("b", store, Conv(builder, "input", 8, new KernelWindow(1, 1)));
        string joined = join(builder, a, b);
        builder.Add("scores", new Requantize([1], false, 0, [], 1, -int.MaxValue, int.MaxValue, PatternFormat.Int32),
            Conv(builder, joined, 10, new KernelWindow(6, 6)));
        return builder.Build("scores");
    }

    private static string Conv(GraphBuilder builder, string source, int channels, KernelWindow geometry)
    {
        Random random = new(channels);
        PatternFormat weights = PatternFormat.Window(6, 3, true);
        int[] values = [.. weights.Values()];
        int count = channels * builder.TypeOf(source).Shape.Channels * geometry.KernelRows * geometry.KernelColumns;
        return builder.Add("conv", new IntegerConv(channels, geometry, 1, weights,
            [.. Enumerable.Range(0, count).Select(_ => (sbyte)values[random.Next(values.Length)])], [.. Enumerable.Range(0, channels)]),
                source);
    }
}
