using Ebsp.Evaluation.Costs;
using Ebsp.Evaluation.Machines;

namespace Ebsp.Evaluation.Tests.Costs;

[TestClass]
public sealed class CostTableTests
{
    [TestMethod]
    public void Rows_All_HaveUnitNodeSourceAndConfidence()
    {
        CostRow[] rows = [.. CostTables.Energies, .. CostTables.Areas];
        Assert.IsGreaterThan(70, rows.Length);
        foreach (CostRow row in rows)
        {
            Assert.IsTrue(row.Unit.Length > 0 && row.NodeNm is 28 or 45 or 65 && row.Source.Length > 10
                && row.Confidence is "H" or "M" or "L", row.Name);
            Assert.IsTrue(row.Paper > 0 && row.Physical >= row.Paper, row.Name);
        }
    }

    [TestMethod]
    public void Sets_All_PriceEveryActionOfEveryMachine()
    {
        foreach (IMachine machine in MachineCatalog.Names.Select(name => MachineCatalog.Find(name, CostColumn.Paper, 5_242_880)))
        {
            foreach (MachineAction action in machine.Actions)
            {
                foreach (string set in CostSet.Names)
                    Assert.IsGreaterThanOrEqualTo(0, action.Cost.Picojoules(new CostSet { Name = set }),
                        $"{machine.Spec.Name}: {action.Name}");
            }
        }
    }

    [TestMethod]
    public void Sram_LargerMemory_NeverCostsLess()
    {
        foreach (DeviceType device in Enum.GetValues<DeviceType>())
        {
            foreach (int word in SramTable.WordBits)
            {
                SramPoint last = SramTable.Find(device, 1, word);
                for (long bytes = 128; bytes <= 16 << 20; bytes += bytes / 3)
                {
                    SramPoint point = SramTable.Find(device, bytes, word);
                    Assert.IsTrue(point.Bytes >= bytes && point.ReadPj >= last.ReadPj && point.WritePj >= last.WritePj
                        && point.LeakageMw >= last.LeakageMw,
                        $"{device} {word} {bytes}");
                    last = point;
                }
            }
        }
    }

    [TestMethod]
    [DataRow(DeviceType.Hp, 5_242_880L, 64, 129.071, 142.258, 3839.2)]
    [DataRow(DeviceType.Lop, 1_048_576L, 64, 30.9258, 38.7573, 43.217)]
    [DataRow(DeviceType.Hp, 500L, 16, 0.5586, 1.2522, 0.41)]
    public void Sram_OfTheTable_IsTheNearestLarger(DeviceType device, long bytes, int word, double read, double write, double leakage)
    {
        SramPoint point = SramTable.Find(device, bytes, word);
        Assert.AreEqual(read, point.ReadPj, 1e-9);
        Assert.AreEqual(write, point.WritePj, 1e-9);
        if (word == 64)
            Assert.AreEqual(leakage, point.LeakageMw, 0.1);
    }
}
