using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Tests.CodeGen;

namespace Ebsp.Compiler.Tests.Ir;

[TestClass]
public sealed class GraphParserTests
{
    [TestMethod]
    public void Parse_OfAListingWithEveryOperation_HasTheSameOperationsAndTypes()
    {
        foreach (Graph graph in new[] { GraphSamples.Float(), GraphSamples.Integer() })
            AssertAlike(graph, GraphParser.Parse(GraphPrinter.Print(graph)));
    }

    [TestMethod]
    public void Parse_OfRandomGraphs_HasTheSameOperationsAndTypes()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            Graph graph = RandomGraph.Make(seed, 3);
            AssertAlike(graph, GraphParser.Parse(GraphPrinter.Print(graph)));
        }
    }

    [TestMethod]
    public void Parse_OfAListingWithoutHashes_IsTheGraph()
    {
        const string Listing = """
            graph small
              host 1 term(s) of u6(3), scale 0.5
              x: u6(3)[1x2x2] * 0.5 = input
              conv: s32[2x2x2] * 0.25 = IntegerConv[2, 1x1, groups 1, w s6(3) {3, -28}, b {7, -9}](x)
              y: u8[2x2x2] * 1 = Requantize[m 1000, mb 0, d {5, -6}, n 12, 0..255](conv)  # relu
              output y, then Softmax

            """;
        Graph graph = GraphParser.Parse(Listing.Replace("\r\n", "\n", StringComparison.Ordinal));
        Assert.AreEqual(Listing.Replace("\r\n", "\n", StringComparison.Ordinal), GraphPrinter.Print(graph));
        Assert.AreEqual("relu", graph.Nodes[1].Name);
        CollectionAssert.AreEqual(new sbyte[] { 3, -28 }, ((IntegerConv)graph.Nodes[0].Op).Weights.ToArray());
        CollectionAssert.AreEqual(new long[] { 5, -6 }, ((Requantize)graph.Nodes[1].Op).Offsets.ToArray());
    }

    [TestMethod]
    [DataRow("graph g\n  x: f32[1x2x2] = input\n  y: f32[1x2x2] = Clamp[0, 6](z)\n  output y\n", "EBSP2002")]
    [DataRow("graph g\n  x: f32[1x2x2] = input\n  y: f32[1x2x2] = Clamp[0](x)\n  output y\n", "EBSP1010")]
    [DataRow("graph g\n  x: f32[1x2x2] = input\n  y: f32[1x2x2] = Sine[0](x)\n  output y\n", "EBSP1010")]
    [DataRow("graph g\n  x: f32[1x2x2] = input\n  output y\n", "EBSP1010")]
    [DataRow("graph g\n  x: f32[1x2] = input\n", "EBSP1010")]
    [DataRow("graph g\n  x: q6(3)[1x2x2] * 1 = input\n  output x\n", "EBSP1010")]
    [DataRow("graph g\n  x: f32[1x2x2] = input\n  y: f32[1x2x2] = ChannelAffine[9999999999#0, -](x)\n  output y\n", "EBSP1010")]
    [DataRow("", "EBSP1010")]
    public void Parse_OfAWrongListing_IsRefused(string listing, string code) =>
        Assert.AreEqual(code, Assert.ThrowsExactly<EbspException>(() => GraphParser.Parse(listing)).Diagnostics[0].Code);

    // Values behind hashes are other ones; all else is what the listing tells.
    private static void AssertAlike(Graph expected, Graph actual)
    {
        Assert.AreEqual(Shape(expected), Shape(actual));
        Assert.HasCount(expected.Nodes.Length, actual.Nodes);
        foreach (Node node in expected.Nodes)
            Assert.AreEqual(expected.TypeOf(node.Output), actual.TypeOf(node.Output), node.Output);
    }

    private static string Shape(Graph graph) =>
        System.Text.RegularExpressions.Regex.Replace(GraphPrinter.Print(graph), "#[0-9a-f]{8}", "#");
}
