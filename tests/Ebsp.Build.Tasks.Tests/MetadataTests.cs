using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Ebsp.TestKit;

namespace Ebsp.Build.Tasks.Tests;

/// <summary>One table defines the metadata: the props and the page of the build are held to it.</summary>
[TestClass]
public sealed class MetadataTests
{
    private const string Page = "docs/build.md", Begin = "<!-- metadata -->\n", End = "<!-- /metadata -->\n";

    [TestMethod]
    public void Props_DefineEveryMetadata_AndNoOther()
    {
        XElement model = XDocument.Load(Path.Combine(Golden.RepositoryRoot, "Ebsp.Build.Tasks/build/Ebsp.Build.props"))
            .Descendants("EbspModel").Single();
        CollectionAssert.AreEqual(
            Metadata.All.Select(row => $"{row.Name}={(row.Property is { } property ? $"$({property})" : "")}").ToArray(),
            model.Elements().Select(element => $"{element.Name.LocalName}={element.Value}").ToArray());
    }

    [TestMethod]
    public void Page_HasTheTable()
    {
        StringBuilder table = new("| metadata | `ebspc compile` | default | legal values | meaning |\n|---|---|---|---|---|\n");
        foreach (Metadata row in Metadata.All)
            table.Append(CultureInfo.InvariantCulture,
                $"| `{row.Name}` | {(row.Option is { } option ? $"`{option}`" : "")} | {row.Default} | {row.Legal} | {row.Meaning} |\n");
        string page = File.ReadAllText(Path.Combine(Golden.RepositoryRoot, Page)).Replace("\r\n", "\n", StringComparison.Ordinal);
        int begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, end = page.IndexOf(End, StringComparison.Ordinal);
        Assert.IsTrue(begin >= Begin.Length && end >= begin, "the page has no place for the table");
        Golden.Check(Page, page[..begin] + table + page[end..]);
    }

    [TestMethod]
    [DataRow("Batch", "1", true)]
    [DataRow("Batch", "4095", true)]
    [DataRow("Batch", "4096", false)]
    [DataRow("Batch", "0", false)]
    [DataRow("Batch", "-1", false)]
    [DataRow("Optimize", "size", true)]
    [DataRow("Optimize", "speed", false)]
    [DataRow("Weights", "8:4", true)]
    [DataRow("Weights", "6:3x2", true)]
    [DataRow("Weights", "9:4", false)]
    [DataRow("Mean", "0.49,0.48,0.45", true)]
    [DataRow("Mean", "0.49,,0.45", false)]
    [DataRow("Scale", "1/255", true)]
    [DataRow("Resize", "240x320", true)]
    [DataRow("Resize", "x320", false)]
    [DataRow("LoadStrategy", "None", false)]
    [DataRow("Access", "public\n", false)]
    [DataRow("Access", "Public", true)]
    [DataRow("ChannelOrder", "BGR", true)]
    [DataRow("MinAgreement", "0.95", true)]
    [DataRow("MinAgreement", "95", false)]
    public void Allows_AValue_AsThePageSays(string name, string value, bool expected) =>
        Assert.AreEqual(expected, Metadata.All.Single(row => row.Name == name).Allows(value));

    [TestMethod]
    [DataRow("right with --scale 1/255 --mean 0.485,0.456,0.406, and on 16.",
        "right with Scale=\"1/255\" Mean=\"0.485,0.456,0.406\", and on 16.")]
    [DataRow("Quantize with a pattern length that the machine has (--weights B:k --activations B:k), or --frob 3.",
        "Quantize with a pattern length that the machine has (Weights=\"B:k\" Activations=\"B:k\"), or --frob 3.")]
    [DataRow("Give images (--calibration).", "Give images (Calibration).")]
    public void InPlaceOfOptions_InATextOfTheCompiler_NamesMetadata(string text, string expected) =>
        Assert.AreEqual(expected, Metadata.InPlaceOfOptions(text));
}
