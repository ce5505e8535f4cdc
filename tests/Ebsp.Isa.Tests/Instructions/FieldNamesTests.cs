using Ebsp.Isa.Instructions;
using Ebsp.Isa.Numerics;

namespace Ebsp.Isa.Tests.Instructions;

/// <summary>The enums of named fields have the names and numbers of the instruction table.</summary>
[TestClass]
public sealed class FieldNamesTests
{
    private static readonly Dictionary<(string Instruction, string Field), Type> Enums = new()
    {
        [("load", "region")] = typeof(Region),
        [("store", "region")] = typeof(Region),
        [("matmul", "start")] = typeof(StartKind),
        [("conv", "start")] = typeof(StartKind),
        [("depthwise", "start")] = typeof(StartKind),
        [("matmul", "coding")] = typeof(WeightCoding),
        [("conv", "coding")] = typeof(WeightCoding),
        [("depthwise", "coding")] = typeof(WeightCoding),
        [("vector", "space")] = typeof(SourceSpace),
        [("vector", "mode")] = typeof(VectorMode),
        [("vector", "term")] = typeof(ResultTerm),
        [("pool", "mode")] = typeof(PoolMode),
        [("sync", "unit")] = typeof(Unit),
        [("mark", "unit")] = typeof(Unit),
        [("perf", "unit")] = typeof(Unit),
        [("nop", "unit")] = typeof(Unit),
    };

    [TestMethod]
    public void Enums_OfNamedFields_HaveNamesAndNumbersOfTheTable()
    {
        int fields = 0;
        foreach (InstructionDefinition row in InstructionTable.Rows)
        {
            foreach (FieldDefinition field in row.Fields.Where(field => field.Kind == FieldKind.Name))
            {
                Assert.IsTrue(Enums.TryGetValue((row.Mnemonic, field.Name), out Type? type), $"{row.Mnemonic} {field.Name} has no enum");
                for (int value = 0; value < field.Names.Length; value++)
                    Assert.AreEqual(field.Names[value], Enum.GetName(type, value)?.ToLowerInvariant(), $"{row.Mnemonic} {field.Name}");
                fields++;
            }
        }

        Assert.AreEqual(Enums.Count, fields);
    }
}
