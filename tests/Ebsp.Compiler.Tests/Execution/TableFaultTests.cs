using Ebsp.Compiler.Data;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Compiler.Reference;
using Ebsp.Emulator;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Networks;

namespace Ebsp.Compiler.Tests.Execution;

/// <summary>A wrong entry of the product table: the comparison names the first tile that it changes, and nothing earlier.</summary>
[TestClass]
public sealed class TableFaultTests
{
    // The significand of a weight whose entries are first used where a test wants it.
    private const int Significand = 7;

    public TestContext TestContext { get; set; } = null!;

    // A network and which of its convolutions, in quarters of their number.
    public static IEnumerable<object[]> Cases =>
        from network in Networks.All
        from quarter in new[] { 0, 2, 4 }
        where LongMode.On || network is "mnist-8" or "mnist-burn" or "resnet8-cifar10"
        select new object[] { network, quarter };

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void Verify_OneEntryFlipped_NamesItsFirstUse(string network, int quarter)
    {
        EbspProgram original = NetworkPrograms.Of(network, 6, 3);
        EbspProgram program =
            NetworkPrograms.Compile(WithoutSignificandBefore(ModelSection.Read(original), quarter, out string layer), original.Arch, 1);
        Graph graph = ModelSection.Read(program);
        ImageSet images = Networks.Images(network, 1);
        ReferenceRun run = new IntegerReference(graph).Run(InputImages.Integers(graph, InputImages.Values(graph, images, 0)));
        // Of the entries that the layer uses first the one that it uses last; no machine has run so far.
        ((int activation, int weight), int instruction) = EntryUse.FirstWrong(program, graph, run)
            .Where(use => use.Key.Weight == Significand).OrderBy(use => use.Value).ThenBy(use => use.Key.Activation)
                .Last(use => program.Layers.LayerOf(use.Value) == layer);

        ProductTable table = ProductTable.For(3);
        MachineOptions wrong =
            new() { Engine = EngineKind.Literal, Fault = table.WithFault(activation, weight, table[activation, weight] ^ 1) };
        Verification verification = new(program, network);
        verification.Run(images, [("literal machine", wrong)], _ => { }, CancellationToken.None);
        Assert.IsNotNull(verification.First);
        TestContext.WriteLine(verification.First.ToString());
        Assert.AreEqual(layer, verification.First.Node);
        MappedTile tile = program.Layers.TileOf(instruction)!.Value;
        StringAssert.Contains(verification.First.Cause, $" at {tile.Place}, instruction {instruction}: {program.Code[instruction]}; ");
        // The tiles before it, and it alone of the wrong ones, were compared.
        Assert.AreEqual(program.Layers.Tiles.IndexOf(tile) + 1, verification.Tiles);
    }

    // The network with the weights of the significand, in the convolutions before the one at a quarter and in the first half of its
    // channels, moved to the next smaller value.
    private static Graph WithoutSignificandBefore(Graph graph, int quarter, out string layer)
    {
        Node[] convolutions = [.. graph.Nodes.Where(node => node.Op is IntegerConv)];
        int convolution = (convolutions.Length - 1) * quarter / 4;
        layer = convolutions[convolution].Name;
        Dictionary<string, int> places = convolutions.Index().ToDictionary(node => node.Item.Name, node => node.Index);
        return graph with
        {
            Nodes = [.. graph.Nodes.Select(node => node.Op is IntegerConv conv && places[node.Name] <= convolution
                ? node with { Op = Moved(conv, places[node.Name] < convolution ? conv.OutputChannels : conv.OutputChannels / 2) }
                : node)],
        };
    }

    private static IntegerConv Moved(IntegerConv conv, int channels) =>
        conv with { Weights =
            [.. conv.Weights.Select((weight, i) => i < conv.Weights.Length / conv.OutputChannels * channels ? Moved(weight) : weight)] };

    private static sbyte Moved(sbyte weight)
    {
        int unit = weight == 0 ? 0 : Math.Max(1, (1 << int.Log2(Math.Abs((int)weight))) >> 2);
        return Math.Abs((int)weight) == Significand * unit ? (sbyte)(weight - Math.Sign(weight) * unit) : weight;
    }
}
