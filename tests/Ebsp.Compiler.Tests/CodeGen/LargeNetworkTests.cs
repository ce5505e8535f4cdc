using System.IO.Compression;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Tests.Import;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Networks;

namespace Ebsp.Compiler.Tests.CodeGen;

/// <summary>Networks of full size with seeded weights: they compile, and their time adds up.</summary>
[TestClass]
public sealed class LargeNetworkTests
{
    [TestMethod]
    [DataRow("default", 1)]
    [DataRow("small-16", 1)]
    public void Compile_AlexNet_RunsAndItsTimeAddsUp(string machine, int batch) => AssertTimes(SeededNetwork.AlexNet(), machine, batch);

    [TestMethod]
    public void Compile_LargeNetworksOnAllMachines_RunAndTheirTimeAddsUp()
    {
        if (!LongMode.On)
            Assert.Inconclusive("Runs under EBSP_LONG=1.");
        Func<Graph>[] networks =
        [
            SeededNetwork.Vgg16, SeededNetwork.AlexNet, SeededNetwork.ResNet18, SeededNetwork.ResNet50,
            () => SeededNetwork.From(Networks.Import("mobilenetv1-0.25-128")), () =>
                SeededNetwork.From(Networks.Import("mobilenetv2-1.0-224-ptq")),
            () => SeededNetwork.From(Networks.Import("squeezenet1.0-dc")), () => SeededNetwork.From(Light("resnet50")), () =>
                SeededNetwork.From(Light("vgg19")),
            () => SeededNetwork.From(Light("squeezenet")), () => SeededNetwork.From(Light("inception_v1")),
            () => SeededNetwork.From(Light("bvlc_alexnet")), () => SeededNetwork.From(Light("zfnet512")),
            () => SeededNetwork.From(Light("densenet121")), () => SeededNetwork.From(Light("inception_v2")),
        ];
        foreach (Func<Graph> make in networks)
        {
            Graph graph = make();
            foreach ((string machine, int batch) in new[] { ("default", 1), ("default", 4), ("small-16", 1), ("small-8", 1) })
                AssertTimes(graph, machine, batch);
        }
    }

    // Its groups of 28 output channels fit the 73 columns of the default machine and not the 16 of a small one.
    [TestMethod]
    public void Compile_ShuffleNet_RunsAndItsTimeAddsUp()
    {
        LongMode.Require();
        AssertTimes(SeededNetwork.From(Light("shufflenet")), "default", 1);
    }

    // Deep nets of the backend tests; their constant weights do not matter here.
    private static Graph Light(string name)
    {
        using ZipArchive zip = BackendModel.Zip();
        return OnnxImporter.Import(BackendModel.Read(zip.GetEntry($"light/light_{name}.onnx")!));
    }

    private static void AssertTimes(Graph graph, string machine, int batch)
    {
        EbspProgram program = RandomProgramTests.Compile(graph, ArchPresets.Find(machine)!, batch);
        TimingReport report = TimingModel.Run(program);
        string what = $"{graph.Name} on {machine}, batch {batch}";
        Console.WriteLine(FormattableString.Invariant(
            $"{what}: {report.Cycles} cycles, utilization {report.Utilization:P1}, array busy {
                report[Unit.Array].Busy / (double)report.Cycles:P1}, {program.Code.Length} instructions, arena {
                program.Regions.ArenaBytes}"));
        Assert.IsNull(report.Deadlock, what);
        foreach (UnitTime unit in report.Units)
            Assert.AreEqual(report.Cycles, unit.Busy + unit.Stalls, $"{what}, {unit.Unit}");
        long macs = graph.Nodes.Where(node => node.Op is IntegerConv)
            .Sum(node => ((IntegerConv)node.Op).Weights.Length * (long)graph.TypeOf(node.Output).Shape.Height * graph.TypeOf(
            node.Output).Shape.Width);
        Assert.AreEqual(macs * batch, report.Actions.Macs, what);
    }
}
