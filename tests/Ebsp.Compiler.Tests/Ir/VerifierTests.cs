using System.Collections.Frozen;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Tests.Ir;

[TestClass]
public sealed class VerifierTests
{
    [TestMethod]
    public void Check_Samples_AreWellFormed()
    {
        Assert.IsEmpty(Verifier.Check(GraphSamples.Float()));
        Assert.IsEmpty(Verifier.Check(GraphSamples.Integer()));
    }

    [TestMethod]
    public void Check_ChangedOperation_IsRefusedWithItsNode()
    {
        IntegerConv conv = GraphSamples.Conv();
        Refused("conv", "weight 21 at index 0", conv with { Weights = [21, 0, 0, 0, 0, 0] });
        Refused("conv", "bias 1073741825 of channel 0", conv with { Bias = [(1 << 30) + 1, 0, 0] });
        Refused("conv", "bias -1073741825 of channel 1", conv with { Bias = [0, -(1 << 30) - 1, 0] });
        Refused("conv", "2 biases", conv with { Bias = [0, 0] });
        Refused("conv", "5 weights", conv with { Weights = [0, 0, 0, 0, 0] });
        Refused("conv", "weights of format u6(3)", conv with { WeightFormat = GraphSamples.U6, Weights = [0, 0, 0, 0, 0, 0] });
        Refused("conv", "weights of format s16", conv with { WeightFormat = PatternFormat.Int16 });
        Refused("conv", "weights of format u0(0)", conv with { WeightFormat = default });
        Refused("conv", "groups", conv with { Groups = 5 });
        Refused("conv", "does not fit", conv with { Geometry = new KernelWindow(5, 1) });
        Refused("conv", "strides 0", conv with { Geometry = new KernelWindow(1, 1, 0) });
        Refused("conv", "negative padding", conv with { Geometry = new KernelWindow(1, 1, PadLeft: -1) });
        Requantize plain = GraphSamples.Requantize(GraphSamples.U8, hi: 255);
        Refused("plain", "a shift of 0", plain with { Shift = 0 });
        Refused("plain", "a shift of 63", plain with { Shift = 63 });
        Refused("plain", "bounds 3..2", plain with { Lo = 3, Hi = 2 });
        Refused("plain", "bounds 0..256", plain with { Hi = 256 });
        Refused("plain", "bounds -1..255", plain with { Lo = -1 });
        Refused("plain", "-2^31", plain with { Multipliers = [int.MinValue] });
        Refused("plain", "2 multipliers", plain with { Multipliers = [1, 2] });
        Refused("plain", "2 offsets", plain with { Offsets = [1, 2] });
        Refused("plain", "without a second input", plain with { SecondMultiplier = 1 });
        Refused("plain", "a term of u8, which is no window format", plain with { Term = Term.Second });
        Refused("plain", "term 7", plain with { Term = (Term)7 });
        Refused("plain", "by count", plain with { ByValidCount = true });
        Refused("add", "bounds -128..127", GraphSamples.Requantize(GraphSamples.S8, -128, 127));
        Refused("first", "bounds 0..64", GraphSamples.Requantize(GraphSamples.U6, hi: 64) with { Term = Term.First });
        Refused("mean", "by count", new Requantize([1, 2, 3], true, 0, [], 20, 0, 255, GraphSamples.U8));
        Refused("product", "a negative multiplier", new TensorProduct([-5], 4, -31, 31, GraphSamples.S6));
        Refused("product", "a shift of 0", new TensorProduct([5], 0, -31, 31, GraphSamples.S6));
        Refused("table", "table entry 0", new LookUp(GraphSamples.S6, [.. Enumerable.Repeat((byte)32, 256)]));
        Refused("table", "255 entries", new LookUp(GraphSamples.S6, [.. Enumerable.Repeat((byte)0, 255)]));
        Refused("max", "padding alone", new MaxPool(new KernelWindow(2, 2, 1, 1, 5, 5, 5, 5, 6, 6), false));
        Refused("sum", "negative padding", new SumPool(new KernelWindow(2, 2, 2, 2, -2, 1, 1, 1), false));
    }

    [TestMethod]
    public void Check_BrokenStructure_IsRefused()
    {
        Graph graph = GraphSamples.Integer();
        Node relabeled = graph.Nodes[1] with { Name = "conv" };
        Causes("two nodes have this name", graph with { Nodes = graph.Nodes.SetItem(1, relabeled) });
        Causes("made twice", graph with { Nodes = graph.Nodes.SetItem(1, graph.Nodes[1] with { Output = "conv" }) });
        Causes("is read before it is made", graph with { Nodes = graph.Nodes.SetItem(0, graph.Nodes[0] with { Inputs = ["scores"] }) });
        Causes("is made by no node", graph with { OutputName = "nothing" });
        Causes("has no type", graph with { Types = Types(graph, types => types.Remove("sum")) });
        Causes("types for", graph with { Types = Types(graph, types => types.Add("more", graph.TypeOf("sum"))) });
        Causes("should be", graph with { Types =
            Types(graph, types => types["sum"] = new TensorType(new Shape(1, 1, 1), PatternFormat.Int32)) });
        Causes("should be", graph with { Types =
            Types(graph, types => types["plain"] = types["plain"] with { Format = GraphSamples.U6 }) });
        Causes("the scale of 'plain' is NaN",
            graph with { Types = Types(graph, types => types["plain"] = types["plain"] with { Scale = double.NaN }) });
        Causes("the scale of 'plain' is 0",
            graph with { Types = Types(graph, types => types["plain"] = types["plain"] with { Scale = 0 }) });
        Causes("3 terms", graph with { InputEncoding = graph.InputEncoding! with { Terms = 3 } });
        Causes("input's scale", graph with { InputEncoding = graph.InputEncoding! with { Scale = -1 } });
        Causes("is not that of the images", graph with { InputShape = new Shape(2, 4, 4) });
        Causes("an input of", graph with { InputShape = new Shape(0, 4, 4) });
        Causes("the preprocessing does not fit", graph with { Preprocessing = Preprocessing.None with { Mean = [1, 2] } });
        Causes("zero deviation", graph with { Preprocessing = Preprocessing.None with { Std = [0] } });
        Causes("output transform 9", graph with { OutputTransform = (OutputTransform)9 });
        Graph real = GraphSamples.Float();
        Causes("a tensor f32[4x6x6] in an integer graph", real with { InputEncoding = new InputEncoding(GraphSamples.U6, 1, 1) });
        Node add = graph.Nodes.Single(node => node.Name == "add");
        Causes("more than 16 bits", graph with { Nodes = graph.Nodes.Replace(add, add with { Inputs = ["max", "sum"] }) });
        Causes("Conv reads", graph with { Nodes = [new Node("f", new Conv(1, new KernelWindow(1, 1), 1, [1, 1], [0]), ["x"], "f")],
            OutputName = "f",
            Types = Types(graph, types => types["f"] = new TensorType(new Shape(1, 4, 4))) });
    }

    private static FrozenDictionary<string, TensorType> Types(Graph graph, Action<Dictionary<string, TensorType>> change)
    {
        Dictionary<string, TensorType> types = graph.Types.ToDictionary(StringComparer.Ordinal);
        change(types);
        return types.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static void Refused(string node, string cause, Op op)
    {
        Graph graph = GraphSamples.Integer();
        int place = graph.Nodes.IndexOf(graph.Nodes.Single(each => each.Name == node));
        Diagnostic first = Verifier.Check(graph with { Nodes = graph.Nodes.SetItem(place, graph.Nodes[place] with { Op = op }) })
            .First(each => each.Node == node);
        Assert.Contains(cause, first.Cause);
    }

    private static void Causes(string cause, Graph graph) =>
        Assert.IsTrue(Verifier.Check(graph).Any(each => each.Cause.Contains(cause, StringComparison.Ordinal)),
            $"'{cause}' not in: {string.Join('\n', Verifier.Check(graph))}");
}
