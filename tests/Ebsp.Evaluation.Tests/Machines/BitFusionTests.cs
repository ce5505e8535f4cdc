using System.Globalization;
using Ebsp.Compiler.Ir;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Tests.Published;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Tests.Machines;

[TestClass]
public sealed class BitFusionTests
{
    [TestMethod]
    public void ComputeCycles_OfThePublishedRun_AreExact()
    {
        BitFusion machine = new(16, 32, new MachineSpec("bitfusion", "", "", 512, 512, 8, "bitfusion.4", ""), 114_688, 8);
        string[][] rows = PublishedTable.Read("bitfusion-alexnet-2x.csv");
        Assert.HasCount(8, rows);
        foreach (string[] row in rows)
        {
            int[] n = [.. row[1..12].Select(cell => int.Parse(cell, CultureInfo.InvariantCulture))];
            LayerShape layer = new(row[0], LayerKind.Convolution, 16, n[0], n[1], n[2], n[2],
                new KernelWindow(n[3], n[3], n[4], n[4], n[5], n[5], n[5], n[5]), 1, [0]) { IsFirst = n[8] == 1 };
            Assert.AreEqual(n[9] - n[10], machine.ComputeCycles(layer, n[6], n[7]), row[0]);
        }
    }
}
