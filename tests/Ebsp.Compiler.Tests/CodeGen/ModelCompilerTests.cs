using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Tests.CodeGen;

[TestClass]
public sealed class ModelCompilerTests
{
    [TestMethod]
    public void Compile_PatternLongerThanTheMachines_IsRefused()
    {
        EbspException refused = Assert.ThrowsExactly<EbspException>(() => Compile(OneConv(8, 4, 1, weight: 1), ArchPresets.Default));
        Assert.AreEqual("EBSP2016", refused.Diagnostics[0].Code);
        Assert.AreEqual("conv", refused.Diagnostics[0].Node);
        Assert.IsNotEmpty(Compile(OneConv(8, 4, 1, weight: 1), ArchPresets.Find("default-4")!).Code);
    }

    [TestMethod]
    public void Compile_AccumulatorThatMayOverflow_IsRefused()
    {
        // 255 is no value of u8(3); the largest is 224: 1,024 * 81 * 224 * 112 is 2,080,899,072, below 2^31; one more row of taps is not.
        Assert.IsNotEmpty(Compile(OneConv(1024, 3, 9, weight: 112), ArchPresets.Default).Code);
        EbspException refused = Assert.ThrowsExactly<EbspException>(() => Compile(OneConv(1024, 3, 10, weight: 112), ArchPresets.Default));
        Assert.AreEqual("EBSP2014", refused.Diagnostics[0].Code);
    }

    [TestMethod]
    public void Compile_GroupThatNoTileCuts_IsRefused()
    {
        GraphBuilder builder = new("groups", "input", new Shape(100, 4, 4), new InputEncoding(PatternFormat.Window(6, 3, false), 1, 1));
        builder.Add("conv", new IntegerConv(400, new KernelWindow(1, 1), 2, PatternFormat.Window(6, 3, true), [.. new sbyte[400 * 50]],
            [.. new int[400]]), ["input"], "conv.acc");
        builder.Add("scores", new Requantize([1], false, 0, [], 1, -int.MaxValue, int.MaxValue, PatternFormat.Int32), ["conv.acc"],
            "scores");
        EbspException refused = Assert.ThrowsExactly<EbspException>(() => Compile(builder.Build("scores"), ArchPresets.Default));
        Assert.AreEqual("EBSP3002", refused.Diagnostics[0].Code);
    }

    [TestMethod]
    public void Compile_SameGraphTwice_GivesTheSameBytes()
    {
        Graph graph = RandomGraph.Make(3, 3);
        CollectionAssert.AreEqual(ProgramWriter.Write(Compile(graph, ArchPresets.Default)),
            ProgramWriter.Write(Compile(graph, ArchPresets.Default)));
    }

    [TestMethod]
    public void Compile_Tiles_HaveTheSizeThatTheMachineIsGoodAt()
    {
        // 64 channels of 56 x 56, 3x3: tiles of at least `rows` pixels and 256 Ki MACs, and their sums fit one bank.
        EbspProgram program = Compile(OneConv(64, 3, 3, weight: 1, size: 56, outputs: 64), ArchPresets.Default);
        Instruction[] tiles = [.. program.Code.Where(i => i.Opcode == Opcode.Conv)];
        Assert.IsGreaterThan(1, tiles.Length);
        foreach (Instruction tile in tiles)
        {
            long pixels = tile[Field.Images] * tile[Field.Rows] * tile[Field.Columns];
            Assert.IsGreaterThanOrEqualTo(program.Arch.Rows, pixels);
            Assert.IsGreaterThanOrEqualTo(256 * 1024, pixels * tile[Field.Channels] * tile[Field.SrcChannels] * 9);
            Assert.IsLessThanOrEqualTo(program.Arch.PsumBankBytes, pixels * tile[Field.Channels] * 4);
        }
    }

    private static EbspProgram Compile(Graph graph, ArchSpec arch) =>
        ProgramReader.Open(ProgramWriter.Write(ModelCompiler.Compile(graph, new CompileOptions(arch, 1, new string('0', 64), ""))));

    private static Graph OneConv(int channels, int patternLength, int kernel, sbyte weight, int? size = null, int outputs = 8)
    {
        int side = size ?? kernel;
        GraphBuilder builder =
            new("one", "input", new Shape(channels, side, side), new InputEncoding(PatternFormat.Window(8, patternLength, false), 1, 1));
        int pad = side > kernel ? kernel / 2 : 0;
        sbyte[] weights = new sbyte[outputs * channels * kernel * kernel];
        Array.Fill(weights, weight);
        builder.Add("conv", new IntegerConv(outputs, new KernelWindow(kernel, kernel, 1, 1, pad, pad, pad, pad), 1,
            PatternFormat.Window(8, patternLength, true), [.. weights], [.. new int[outputs]]), ["input"], "conv.acc");
        builder.Add("scores", new Requantize([1], false, 0, [], 1, -int.MaxValue, int.MaxValue, PatternFormat.Int32), ["conv.acc"],
            "scores");
        return builder.Build("scores");
    }
}
