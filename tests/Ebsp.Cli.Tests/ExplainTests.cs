using System.Text.Json.Nodes;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.Cli.Tests;

/// <summary>ebspc explain MODEL LAYER, and what compile says beside it.</summary>
[TestClass]
public sealed class ExplainTests
{
    [TestMethod]
    public void Explain_LayerOfAProgram_AddsUp()
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("digits.ebsp", DigitsModel.Program);
        JsonArray layers = Ebspc.Run("explain", program, "--json").Json["result"]!["layers"]!.AsArray();
        Assert.IsNotEmpty(layers);
        foreach (JsonNode? layer in layers)
        {
            string name = (string)layer!["layer"]!;
            JsonNode result = Ebspc.Run("explain", program, name, "--json").Json["result"]!;
            Assert.AreEqual((string)layer["bound"]!, (string)result["bound"]!);
            if (result["utilization"] is { } shares)
            {
                Assert.AreEqual(1, new[] { "macs", "idleRows", "idleColumns", "fillAndDrain" }.Sum(share => (double)shares[share]!), 1e-9,
                    name);
                // The array's own cycles follow from the tile alone: estimate and execution agree.
                Assert.AreEqual((double)(long)result["arrayBusyCycles"]!, (double)result["computeCycles"]!, 0.5, name);
            }
        }
    }

    [TestMethod]
    public void Explain_UnknownLayer_NamesTheNearest()
    {
        using TemporaryFolder folder = new();
        string program = folder.Write("digits.ebsp", DigitsModel.Program);
        string known = (string)Ebspc.Run("explain", program, "--json").Json["result"]!["layers"]![0]!["layer"]!;
        Assert.Contains($"'{known}'", Ebspc.Run("explain", program, known + "x").Expect(3).Error);
    }

    [TestMethod]
    public void Compile_ForSize_MakesNoLargerProgram()
    {
        using TemporaryFolder folder = new();
        string integers = folder.Write("digits.q.pb", DigitsModel.Integers);
        int Instructions(string goal) =>
            (int)Ebspc.Run("compile", integers, "--optimize", goal, "-o", folder.File(goal + ".ebsp"),
            "--json").Json["result"]!["instructions"]!;
        Assert.IsLessThan(Instructions("cycles"), Instructions("size"));
        Ebspc.Run("verify", folder.File("size.ebsp")).Expect(0);
        Assert.Contains("; after code",
            Ebspc.Run("compile", integers, "--dump-after", "code", "-o", folder.File("again.ebsp")).Expect(0).Error);
        Ebspc.Run("compile", integers, "--optimize", "speed", "-o", folder.File("never.ebsp")).Expect(2);
    }
}
