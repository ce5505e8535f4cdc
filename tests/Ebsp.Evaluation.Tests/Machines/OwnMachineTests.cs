using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Workloads;
using Ebsp.TestKit;

namespace Ebsp.Evaluation.Tests.Machines;

[TestClass]
public sealed class OwnMachineTests
{
    private static string Page => File.ReadAllText(TestData.Repository("docs/machines.md")).Replace("\r\n", "\n", StringComparison.Ordinal);

    [TestMethod]
    public void JsonMachine_OfThePage_RunsAsTheControlOfItsSize()
    {
        using TemporaryFolder folder = new();
        IMachine machine = MachineCatalog.Find(folder.Write("mine.json", System.Text.Encoding.UTF8.GetBytes(Block("json"))),
            CostColumn.Paper, 5_242_880);
        NetworkResult mine = NetworkResult.Run(machine, NetworkReader.Read("resnet50"), new Conditions());
        NetworkResult control = NetworkResult.Run(EbspMachine.Plain(8, 4096, 5_242_880), NetworkReader.Read("resnet50"), new Conditions());
        Assert.AreEqual("mine", machine.Spec.Name);
        Assert.AreEqual(control.Cycles, mine.Cycles);
        Assert.AreEqual(control.Energy(new CostSet()).Core, mine.Energy(new CostSet()).Core, 1e-9 * control.Energy(new CostSet()).Core);
    }

    [TestMethod]
    [DataRow("\"rows\": 64", "\"rows\": 0", "'rows'")]
    [DataRow("\"bits\": 8", "\"bits\": 8.5", "'bits'")]
    [DataRow("\"macPicojoules\": 0.394", "\"macPicojoules\": -1", "'macPicojoules'")]
    [DataRow("\"columns\": 64", "\"colums\": 64", "'colums'")]
    [DataRow("weight-stationary", "weight-moving", "'dataflow'")]
    [DataRow("{", "[", "not JSON")]
    public void JsonMachine_ThatCannotBe_IsRefusedWithTheField(string text, string instead, string expected)
    {
        using TemporaryFolder folder = new();
        string json = Block("json").Replace(text, instead, StringComparison.Ordinal);
        string path = folder.Write("mine.json", System.Text.Encoding.UTF8.GetBytes(json));
        EbspException e = Assert.ThrowsExactly<EbspException>(() => MachineCatalog.Find(path, CostColumn.Paper, 5_242_880));
        Assert.AreEqual("EBSP8002", e.Diagnostics[0].Code);
        Assert.Contains(expected, e.Message);
    }

    [TestMethod]
    public void OutputStationary_OfOneTile_TakesItsFoldAndItsFill()
    {
        using TemporaryFolder folder = new();
        string json = Block("json").Replace("weight-stationary", "output-stationary", StringComparison.Ordinal);
        IMachine machine = MachineCatalog.Find(folder.Write("mine.json", System.Text.Encoding.UTF8.GetBytes(json)), CostColumn.Paper,
            5_242_880);
        LayerShape layer = new("one", LayerKind.Convolution, 1, 64, 8, 8, 8, new Compiler.Ir.KernelWindow(1, 1), 1, [0]);
        // 64 pixels on 64 rows, 64 channels on 64 columns: a reduction of 8, and 126 cycles to fill and drain.
        Assert.AreEqual(8 + 64 + 64 - 2, machine.Run(layer, new Conditions(), new Placement(true, true)).ComputeCycles);
    }

    [TestMethod]
    public void AssemblyMachine_OfThePage_IsFoundAndIsABound()
    {
        Assert.AreEqual(File.ReadAllText(TestData.Repository("tests/Ebsp.Evaluation.Tests/Machines/Ideal.cs")), Block("csharp"));
        IMachine ideal = MachineCatalog.Find(typeof(Mine.Ideal).Assembly.Location, CostColumn.Paper, 5_242_880);
        NetworkResult bound = NetworkResult.Run(ideal, NetworkReader.Read("vgg16"), new Conditions());
        NetworkResult real = NetworkResult.Run(EbspMachine.Plain(8, 1024, 5_242_880), NetworkReader.Read("vgg16"), new Conditions());
        Assert.AreEqual("ideal", ideal.Spec.Name);
        Assert.IsLessThan(real.Cycles, bound.Cycles, string.Create(CultureInfo.InvariantCulture, $"{bound.Cycles:0}"));
    }

    [TestMethod]
    public void AssemblyMachine_WithoutAMachine_IsRefused()
    {
        EbspException e = Assert.ThrowsExactly<EbspException>(
            () => MachineCatalog.Find(typeof(Isa.Machine.ArchSpec).Assembly.Location, CostColumn.Paper, 5_242_880));
        Assert.AreEqual("EBSP8003", e.Diagnostics[0].Code);
    }

    // The page's one block of a language.
    private static string Block(string language)
    {
        int start = Page.IndexOf($"```{language}\n", StringComparison.Ordinal) + language.Length + 4;
        return Page[start..Page.IndexOf("```", start, StringComparison.Ordinal)];
    }
}
