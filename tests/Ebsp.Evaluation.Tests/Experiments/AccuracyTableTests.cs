using System.Text;
using Ebsp.TestKit;
using Ebsp.Tool;

namespace Ebsp.Evaluation.Tests.Experiments;

[TestClass]
public sealed class AccuracyTableTests
{
    [TestMethod]
    public void Compare_WithAccuracies_PrintsThemBesideTheirFormat()
    {
        using TemporaryFolder folder = new();
        string file = folder.Write("a.csv",
            Encoding.UTF8.GetBytes("network,format,accuracy,source\nresnet20,float,91.4,test\nresnet20,6-bit(3),91.2,test\n"));
        (int exit, string output, string error) = Lab.Run("compare", "--networks", "resnet20", "--accuracy", file, "--no-page");
        Assert.AreEqual(ExitCode.Success, exit, error);
        Assert.Contains("-0.20", output);
        Assert.Contains("91.20", output);
    }

    [TestMethod]
    [DataRow("net,format\n", "line 1")]
    [DataRow("network,format,accuracy,source\na,b,101,c\n", "line 2")]
    [DataRow("network,format,accuracy,source\n\na,b,c\n", "line 3")]
    public void Compare_WrongTable_SaysWhichLine(string text, string expected)
    {
        using TemporaryFolder folder = new();
        (int exit, string _, string error) = Lab.Run("compare", "--accuracy", folder.Write("a.csv", Encoding.UTF8.GetBytes(text)),
            "--no-page");
        Assert.AreNotEqual(ExitCode.Success, exit);
        Assert.Contains("EBSP8004", error);
        Assert.Contains(expected, error);
    }
}
