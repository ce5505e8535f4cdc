using System.Globalization;
using System.Text;
using Ebsp.Isa.Machine;

namespace Ebsp.Isa.Tests.Machine;

[TestClass]
public sealed class ArchJsonTests
{
    public static IEnumerable<object[]> FieldNames => ArchField.All.Select(f => new object[] { f.Name });

    [TestMethod]
    public void WriteAndRead_EveryPreset_ComesBackInTheSameBytes()
    {
        foreach (ArchSpec preset in ArchPresets.All)
        {
            byte[] json = ArchJson.Write(preset);
            Assert.AreEqual(preset, ArchJson.Read(json));
            CollectionAssert.AreEqual(json, ArchJson.Write(ArchJson.Read(json)));
        }
    }

    [TestMethod]
    public void Write_DefaultMachine_IsTheCanonicalText() => Assert.AreEqual(
        """{"name":"default","rows":66,"columns":73,"patternLength":3,"bufferBytes":5242880,"psumBytes":262144,"queueDepth":16,"depthwiseMapping":2,"clockHz":500000000,"dramBytesPerSecond":25600000000,"dramLatencyCycles":50,"dramBurstBytes":64,"loadPortBytesPerCycle":64,"storePortBytesPerCycle":64,"fetchCycles":1,"hostCyclesPerElement":8,"nodeNm":45,"areaBits":6}""",
        Encoding.UTF8.GetString(ArchJson.Write(ArchPresets.Default)));

    [TestMethod]
    public void Read_FieldsInAnyOrderWithSpacesAndComments_GiveTheSameMachine()
    {
        ArchSpec read = Read("""
            { // a small one
              "columns": 16, "rows": 16,
              "name": "mine", }
            """);
        Assert.AreEqual(ArchPresets.Default with { Name = "mine", Rows = 16, Columns = 16 }, read);
        Assert.AreEqual(ArchPresets.Default with { Name = "custom" }, Read("{}"));
    }

    [TestMethod]
    public void Properties_OfTheMachine_AreAllInTheFieldList()
    {
        string[] settable = [
            .. typeof(ArchSpec).GetProperties().Where(property => property.CanWrite).Select(property => property.Name)
            .Where(name => name != "Name").Order()];
        CollectionAssert.AreEqual(settable,
            ArchField.All.Select(field => char.ToUpperInvariant(field.Name[0]) + field.Name[1..]).Order().ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(FieldNames))]
    public void Read_FieldAtItsLimits_IsKept(string name)
    {
        ArchField field = Field(name);
        foreach (long value in new[] { field.Minimum, field.Maximum })
        {
            ArchSpec read = Read(field, Text(value));
            Assert.AreEqual(value, field.Get(read));
            Assert.AreEqual(ArchPresets.Default with { Name = "custom" }, field.Set(read, field.Get(ArchPresets.Default)),
                "another field has changed");
            CollectionAssert.AreEqual(field.Structural && value != field.Get(ArchPresets.Default) ? [name] : Array.Empty<string>(),
                ArchJson.StructuralDifferences(ArchPresets.Default, read).ToArray());
        }
    }

    [TestMethod]
    [DynamicData(nameof(FieldNames))]
    public void Read_FieldOutsideItsRange_IsRefusedByName(string name)
    {
        ArchField field = Field(name);
        string range = $"field '{name}' must lie in {Text(field.Minimum)}..{Text(field.Maximum)} {field.Unit}, not ";
        foreach (long value in new[] { field.Minimum - field.Multiple, field.Minimum - 1, field.Maximum + 1, field.Maximum + field.Multiple,
            long.MinValue, long.MaxValue })
            Assert.AreEqual(range + Text(value), Refusal($"{{\"{name}\":{Text(value)}}}"));
        if (field.Multiple > 1)
            Assert.AreEqual($"field '{name}' must be a multiple of {Text(field.Multiple)} {field.Unit}, not {Text(field.Minimum + 1)}",
                Refusal($"{{\"{name}\":{Text(field.Minimum + 1)}}}"));
    }

    [TestMethod]
    [DynamicData(nameof(FieldNames))]
    public void Read_FieldOfAnotherType_IsRefusedByName(string name)
    {
        foreach (string value in new[] { "\"8\"", "true", "false", "null", "8.5", "1e999", "99999999999999999999", "{}", "{\"a\":1}",
            "[]" })
            Assert.AreEqual($"field '{name}' must be a whole number", Refusal($"{{\"{name}\":{value}}}"), value);
    }

    [TestMethod]
    [DynamicData(nameof(FieldNames))]
    public void Read_FieldTwice_IsRefusedByName(string name)
    {
        string pair = $"\"{name}\":{Text(Field(name).Minimum)}";
        Assert.AreEqual($"field '{name}' stands twice", Refusal($"{{{pair},{pair}}}"));
        Assert.AreEqual($"field '{name}' stands twice", Refusal($"{{{pair},\"\\u{(int)name[0]:x4}{pair[2..]}}}"));
    }

    [TestMethod]
    public void Read_BurstThatIsNoPowerOfTwo_IsRefused() =>
        Assert.AreEqual("field 'dramBurstBytes' must be a power of two, not 96", Refusal("{\"dramBurstBytes\":96}"));

    [TestMethod]
    public void Read_UnknownField_IsRefusedWithTheKnownNames()
    {
        foreach (string name in new[] { "Rows", "row", "", "$schema" })
        {
            string message = Refusal($"{{\"{name}\":1}}");
            StringAssert.StartsWith(message, $"field '{name}' is unknown; the fields are name, rows, columns, ", null);
        }
    }

    [TestMethod]
    [DataRow("1")]
    [DataRow("null")]
    [DataRow("\"\"")]
    [DataRow("[]")]
    [DataRow("\"a\\u0000b\"")]
    [DataRow("\"a\\nb\"")]
    [DataRow("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"")]
    public void Read_IllegalName_IsRefused(string name) =>
        Assert.AreEqual("field 'name' must be a text of 1..64 characters without control characters", Refusal($"{{\"name\":{name}}}"));

    [TestMethod]
    public void Read_NameTwice_IsRefused() => Assert.AreEqual("field 'name' stands twice", Refusal("""{"name":"a","name":"b"}"""));

    [TestMethod]
    [DataRow("")]
    [DataRow(" ")]
    [DataRow("[]")]
    [DataRow("1")]
    [DataRow("{")]
    [DataRow("{\"rows\"")]
    [DataRow("{\"rows\":")]
    [DataRow("{\"rows\":16")]
    [DataRow("{\"rows\":16}}")]
    [DataRow("{\"rows\":16} {}")]
    [DataRow("{\"rows\":016}")]
    [DataRow("{rows:16}")]
    [DataRow("{\"name\":\"\\ud800\"}")]
    [DataRow("{\"\\ud800\":1}")]
    public void Read_BrokenText_IsRefused(string text) => Assert.AreNotEqual("", Refusal(text));

    [TestMethod]
    public void Read_BrokenUtf8_IsRefused()
    {
        byte[] json = ArchJson.Write(ArchPresets.Default);
        json[10] = 0xFF; // Within the name.
        StringAssert.Contains(Assert.ThrowsExactly<FormatException>(() => ArchJson.Read(json)).Message, "UTF-8", null);
    }

    [TestMethod]
    public void Read_EveryPrefix_IsRefused()
    {
        byte[] json = ArchJson.Write(ArchPresets.Default);
        for (int length = 0; length < json.Length; length++)
            Assert.ThrowsExactly<FormatException>(() => ArchJson.Read(json.AsSpan(0, length)));
    }

    [TestMethod]
    public void StructuralDifferences_OfMachinesThatDifferInAll_AreTheStructuralNames()
    {
        ArchSpec other = ArchField.All.Aggregate(ArchPresets.Default, (arch, field) =>
            field.Set(arch, field.Get(arch) == field.Maximum ? field.Minimum : field.Maximum));
        CollectionAssert.AreEqual(
            new[] { "rows", "columns", "patternLength", "bufferBytes", "psumBytes", "queueDepth", "depthwiseMapping" },
            ArchJson.StructuralDifferences(ArchPresets.Default, other).ToArray());
        Assert.AreEqual(0, ArchJson.StructuralDifferences(ArchPresets.Default,
            ArchPresets.Default with { Name = "other", ClockHz = 1_000_000 }).Count);
    }

    private static ArchField Field(string name) => ArchField.All.Single(field => field.Name == name);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static ArchSpec Read(string json) => ArchJson.Read(Encoding.UTF8.GetBytes(json));

    private static ArchSpec Read(ArchField field, string value) => Read($"{{\"{field.Name}\":{value}}}");

    private static string Refusal(string json) => Assert.ThrowsExactly<FormatException>(() => Read(json)).Message;
}
