using Ebsp.Compiler.Ir;
using Ebsp.Isa.Programs;
using Ebsp.TestKit.Networks;

namespace Ebsp.Compiler.Tests.Execution;

/// <summary>The sizes that other tests, and the measurements of memory, take for granted.</summary>
[TestClass]
public sealed class SeededResNet50Tests
{
    [TestMethod]
    public void Integers_SeededWeights_AreThoseOfResNet50()
    {
        Graph graph = GraphFile.Parse(SeededResNet50.Integers);
        long weights = graph.Nodes.Sum(node => node.Op is IntegerConv conv ? (long)conv.Weights.Length : 0);
        long macs = graph.Nodes.Sum(node => node.Op is IntegerConv conv
            ? (long)conv.Weights.Length * graph.TypeOf(node.Output).Shape.Height * graph.TypeOf(node.Output).Shape.Width
            : 0);
        Assert.AreEqual(SeededResNet50.Weights, weights);
        Assert.AreEqual(4_089_184_256 + 118_013_952, macs, "with both terms of the input");
        Assert.AreEqual(25.8, SeededResNet50.Integers.Length / 1e6, 0.1, "the .pb has a byte a weight");
    }

    [TestMethod]
    public void Program_SeededWeights_HasFiveBitsAWeight()
    {
        EbspProgram program = ProgramReader.Open(SeededResNet50.Program);
        Assert.AreEqual(16.5, SeededResNet50.Program.Length / 1e6, 0.1);
        Assert.IsGreaterThan(SeededResNet50.Weights * 5 / 8, program.Weights.Length);
    }
}
