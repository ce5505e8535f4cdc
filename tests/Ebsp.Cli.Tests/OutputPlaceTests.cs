using System.Diagnostics;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.Cli.Tests;

/// <summary>An output never takes the place of something that is no output.</summary>
[TestClass]
public sealed class OutputPlaceTests
{
    [TestMethod]
    public void Output_ThatIsAnInput_IsRefusedBeforeAnyWork()
    {
        using TemporaryFolder folder = new();
        string model = folder.Write("digits.q.pb", DigitsModel.Integers), images = folder.File("images.csv.gz");
        File.Copy(DigitsModel.Calibration, images);
        File.CreateSymbolicLink(folder.File("link.ebsp"), model);
        foreach (string[] call in new string[][]
        {
            ["compile", model, "-o", model],
            ["compile", model, "-o", Path.Combine(folder.FullName, ".", "digits.q.pb")],
            ["compile", model, "-o", folder.File("link.ebsp")],
            ["compile", DigitsModel.Onnx, "--scale", "1/16", "--calibration", images, "-o", images],
            ["compile", model, "--report", folder.File("a.csv"), "-o", folder.File("a.csv")],
        })
        {
            CliResult refused = Ebspc.Run(call).Expect(2);
            StringAssert.Matches(refused.Error, new("EBSP7101: compile: (-o|--report) (would write over what|and (-o|--report) name)"));
        }

        CollectionAssert.AreEqual(DigitsModel.Integers, File.ReadAllBytes(model));
        CollectionAssert.AreEqual(File.ReadAllBytes(DigitsModel.Calibration), File.ReadAllBytes(images));
        Assert.HasCount(3, Directory.GetFiles(folder.FullName));
    }

    [TestMethod]
    public void Output_OnADeviceOrPipe_IsRefused()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("Windows has no such files.");
        using TemporaryFolder folder = new();
        string model = folder.Write("digits.q.pb", DigitsModel.Integers), pipe = folder.File("pipe");
        using (Process mkfifo = Process.Start("mkfifo", [pipe]))
            mkfifo.WaitForExit();
        foreach (string place in new[] { pipe, "/dev/null", folder.FullName })
        {
            Assert.Contains("EBSP1011", Ebspc.Run("compile", model, "-o", place).Expect(6).Error);
            Assert.HasCount(2, Directory.GetFiles(folder.FullName));
        }

        Assert.Contains("A device or pipe stands there", Ebspc.Run("compile", model, "-o", pipe).Expect(6).Error);
    }

    [TestMethod]
    [DataRow("quantize x --budget 3k -o y", "--budget takes a whole number, and '3k' is none")]
    [DataRow("run x --engine fats", "'fats' is none of ")]
    [DataRow("run x --engine fats", "did you mean fast?")]
    [DataRow("compile x --batch many -o y", "--batch takes a whole number, and 'many' is none")]
    public void Refusal_OfAValue_SpeaksOfTheValue(string call, string expected)
    {
        string error = Ebspc.Run(call.Split(' ')).Expect(2).Error;
        Assert.Contains(expected, error);
        Assert.DoesNotContain("System.", error);
        Assert.DoesNotContain("u000A", error);
    }
}
