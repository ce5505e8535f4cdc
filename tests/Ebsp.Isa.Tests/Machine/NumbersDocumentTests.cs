using System.Globalization;
using Ebsp.Isa.Machine;
using Ebsp.TestKit;

namespace Ebsp.Isa.Tests.Machine;

/// <summary>docs/numbers.md names the values that the presets have.</summary>
[TestClass]
public sealed class NumbersDocumentTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Golden.RepositoryRoot, "docs/numbers.md"));

    [TestMethod]
    public void Numbers_OfTheDefaultMachine_AreThoseOfThePreset()
    {
        foreach (ArchField field in ArchField.All)
        {
            string row = string.Create(CultureInfo.InvariantCulture,
                $"| {field.Name} | {field.Get(ArchPresets.Default)} | {field.Unit} | {(field.Structural ? "structural" : "timing")} | **");
            Assert.AreEqual(1, Lines.Count(line => line.StartsWith(row, StringComparison.Ordinal)), row);
        }
    }

    [TestMethod]
    public void Numbers_OfEveryPreset_AreThoseOfThePreset()
    {
        foreach (ArchSpec preset in ArchPresets.All)
        {
            string row = string.Create(CultureInfo.InvariantCulture,
                $"| {preset.Name} | {preset.Rows} | {preset.Columns} | {preset.ProcessingElements} | {preset.PatternLength} | " +
                    $"{preset.BufferBytes} | {preset.PsumBytes} | {preset.DramBytesPerSecond} | {preset.AreaBits} | ");
            Assert.AreEqual(1, Lines.Count(line => line.StartsWith(row, StringComparison.Ordinal)), row);
        }
    }
}
