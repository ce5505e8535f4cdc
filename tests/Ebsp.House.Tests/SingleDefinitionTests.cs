using System.Text.RegularExpressions;

namespace Ebsp.House.Tests;

/// <summary>What is worked out from an instruction, a machine or a result is worked out in one place.</summary>
[TestClass]
public sealed class SingleDefinitionTests
{
    // What it is, the form that its definition has in code, and the only files of the product that may have it.
    private static readonly (string Quantity, string Form, string[] Files)[] Definitions =
    [
        ("significand and shift of a product's operands", @"LeadingOneDetector\.",
            ["Ebsp.Isa/Numerics/PatternCode.cs", "Ebsp.Isa/Numerics/Projection.cs"]),
        ("cycles that fill and drain the array", @"Rows \+ [\w.]*Columns - 1", ["Ebsp.Isa/Machine/ArrayCycles.cs"]),
        ("cycles of a fold", @"Math\.Max\([\w.]*[Ss]teps, [\w.]*Rows\)", ["Ebsp.Isa/Machine/ArrayCycles.cs"]),
        ("folds of a reduction", @"\+ [\w.]*[aA]rch\.Rows - 1\) / ", ["Ebsp.Isa/Machine/ArrayCycles.cs"]),
        // Each kind of kernel, and one read from a file, whose sizes are not checked yet.
        ("taps of a kernel", @"KernelRows \* [\w.]*KernelColumns",
            ["Ebsp.Isa/Instructions/KernelGeometry.cs", "Ebsp.Isa/Instructions/VectorConstants.cs", "Ebsp.Compiler/Ir/KernelWindow.cs",
                "Ebsp.Compiler/Output/ModelSection.cs"]),
        ("reduction length of an array instruction", @"Taps \* [\w.]*SrcChannels", ["Ebsp.Isa/Instructions/ArrayInstruction.cs"]),
        ("groups of a depthwise instruction", @"\+ Multiplier - 1\) / Multiplier", ["Ebsp.Isa/Instructions/ArrayInstruction.cs"]),
        // The tile of an instruction, and the one that the compiler still cuts.
        ("pixels of a tile", @"Images \* Rows \* Columns;", ["Ebsp.Isa/Instructions/Extents.cs", "Ebsp.Compiler/Tiling/TileShape.cs"]),
        ("operands of an instruction, read from its fields", @"i\[Field\.(Src\w*|Kernel\w*|Groups|Multiplier|Weight\w*|Psum\w*)\]",
            ["Ebsp.Isa/Instructions/"]),
        ("scores from integers", @"integers\[[^\]]*\] \* scale|scale \* integers\[", ["Ebsp.Isa/Programs/OutputTransforms.cs"]),
        ("pixels or values of an image into a machine", @"WriteImage\([^)]*(PixelsOf|ValuesOf)",
            ["Ebsp.Compiler/Execution/MachineImages.cs"]),
        ("interval of an accuracy", @"1\.959", ["Ebsp.Compiler/Reports/Accuracy.cs"]),
        ("decibels", @"10 \* Math\.Log10", ["Ebsp.Compiler/Quantization/Calibration/Decibels.cs"]),
        ("edit distance", @"row\[j - 1\]", ["shared-source/Spelling/EditDistance.cs"]),
    ];

    private static readonly SourceFile[] Product = [.. SourceFile.All.Where(file => file.Path.StartsWith("Ebsp.", StringComparison.Ordinal)
        || file.Path.StartsWith("shared-source/", StringComparison.Ordinal))];

    public static IEnumerable<string> Quantities => Definitions.Select(each => each.Quantity);

    [TestMethod]
    [DynamicData(nameof(Quantities))]
    public void Definition_OfAQuantity_StandsOnce(string quantity)
    {
        (_, string form, string[] files) = Definitions.Single(each => each.Quantity == quantity);
        string[] found = [.. Product.Where(file => Regex.IsMatch(file.Code, form)).Select(file => file.Path)];
        foreach (string file in files)
            Assert.IsTrue(found.Any(path => path.StartsWith(file, StringComparison.Ordinal)),
                $"{file} does not have it: the form has changed");
        Assert.IsEmpty(Others(quantity, Product), quantity);
    }

    [TestMethod]
    [DataRow("taps of a kernel", "int taps = g.KernelRows * g.KernelColumns;")]
    [DataRow("cycles that fill and drain the array", "long cycles = arch.Rows + arch.Columns - 1;")]
    [DataRow("operands of an instruction, read from its fields", "int groups = (int)i[Field.Groups];")]
    [DataRow("decibels", "double snr = 10 * Math.Log10(a / b);")]
    public void Others_WithASecondDefinition_NameTheFile(string quantity, string code)
    {
        CollectionAssert.AreEqual(new[] { "Ebsp.Cli/Own.cs" }, Others(quantity, [new SourceFile("Ebsp.Cli/Own.cs", code)]).ToArray());
        Assert.IsEmpty(Others(quantity, [new SourceFile("Ebsp.Cli/Own.cs", "// " + code)]));
    }

    private static IEnumerable<string> Others(string quantity, IEnumerable<SourceFile> sources)
    {
        (_, string form, string[] files) = Definitions.Single(each => each.Quantity == quantity);
        return sources.Where(file => Regex.IsMatch(file.Code, form)).Select(file => file.Path)
            .Where(path => !files.Any(file => path.StartsWith(file, StringComparison.Ordinal)));
    }
}
