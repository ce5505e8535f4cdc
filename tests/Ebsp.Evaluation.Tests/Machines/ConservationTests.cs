using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;
using Ebsp.Evaluation.Workloads;

namespace Ebsp.Evaluation.Tests.Machines;

[TestClass]
public sealed class ConservationTests
{
    private const int Layers = 1000;

    [TestMethod]
    public void EveryMachine_OnRandomLayers_MovesAndTakesNoLessThanItMust()
    {
        IMachine[] machines = [.. MachineCatalog.Names.Select(name => MachineCatalog.Find(name, CostColumn.Paper, 5_242_880))];
        Conditions conditions = new();
        Random random = new(4818);
        for (int i = 0; i < Layers; i++)
        {
            Network network = RandomLayers.Next(random, i, 512, 64);
            LayerShape layer = network.Layers[0];
            foreach (IMachine machine in machines)
            {
                LayerResult result = NetworkResult.Run(machine, network, conditions).Layers[0];
                string what = $"{machine.Spec.Name}: {layer}";
                // Codes of 5 bits are the least that any machine stores but OLAccel's 4-bit maps.
                double bits = 4, moved = (layer.Weights + layer.Inputs) * bits / 8;
                Assert.IsGreaterThanOrEqualTo(moved, result.DramReadBytes, what);
                Assert.IsGreaterThanOrEqualTo(layer.Outputs * bits / 8, result.DramWrittenBytes, what);
                Assert.IsGreaterThanOrEqualTo(result.DramReadBytes, result.BufferWrittenBytes, what);
                Assert.IsGreaterThanOrEqualTo(result.DramWrittenBytes, result.BufferReadBytes, what);
                Assert.IsGreaterThanOrEqualTo(layer.Macs / machine.Spec.PeakMacs * (1 - 1e-9), result.Cycles, what);
                Assert.IsGreaterThanOrEqualTo((result.DramReadBytes + result.DramWrittenBytes) / conditions.DramBytesPerCycle * (1 - 1e-9),
                    result.Cycles, what);
                Assert.IsTrue(result.Counts.All(count => count >= 0 && double.IsFinite(count)), what);
            }
        }
    }

    [TestMethod]
    public void Energy_OfParts_AddsUpToTheTotal()
    {
        CostSet costs = new() { Name = "horowitz45", Column = CostColumn.Physical };
        foreach (string name in MachineCatalog.Names)
        {
            foreach (string network in PublishedNetworks.Compared)
            {
                NetworkResult result = NetworkResult.Run(MachineCatalog.Find(name, CostColumn.Paper, 5_242_880),
                    NetworkReader.Read(network), new Conditions());
                double total = result.Energy(costs).Total;
                Assert.AreEqual(total, result.EnergyOfActions(costs).Sum(), 1e-9 * total, $"{name} {network}");
                Assert.AreEqual(total, result.EnergyOfLayers(costs).Sum(layer => layer.Total), 1e-9 * total, $"{name} {network}");
                Assert.AreEqual(total, Enum.GetValues<EnergyPart>().Sum(part => result.Energy(costs).Of(part)), 1e-9 * total,
                    $"{name} {network}");
            }
        }
    }
}
