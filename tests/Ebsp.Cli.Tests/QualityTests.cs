using System.Text.Json.Nodes;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.Cli.Tests;

/// <summary>What quantization has cost is said, and where it is too much the call says so.</summary>
[TestClass]
public sealed class QualityTests
{
    private static readonly string[] Calibrate = ["--calibration", DigitsModel.Calibration, "--count", "200"];
    private static readonly string[] Scale = ["--scale", "1/16"];
    private static readonly string[] Coarse = ["--weights", "2:1", "--activations", "2:1", "--first", "2:1", "--last", "2:1",
        "--clip", "percentile:51"];

    [TestMethod]
    public void Compile_OfFloats_SaysHowManyAnswersAgree()
    {
        using TemporaryFolder folder = new();
        CliResult called = Ebspc.Run(["compile", DigitsModel.Onnx, .. Scale, .. Calibrate, "-o", folder.File("a.ebsp")]).Expect(0);
        StringAssert.Matches(called.Out, new("same answers   [0-9.]+ %, [0-9]+ of 200 calibration images, as the float network"));
        StringAssert.Matches(called.Out, new("right answers  [0-9.]+ % of the float network, [0-9.]+ % of the integers"));
        Assert.DoesNotContain("warning", called.Error);

        JsonNode result = Ebspc.Run(["compile", DigitsModel.Onnx, .. Scale, .. Calibrate, "-o", folder.File("b.ebsp"), "--json"]).Expect(0)
            .Json["result"]!;
        int same = (int)result["quality"]!["sameAnswers"]!;
        Assert.IsInRange(190, 200, same);
        Assert.AreEqual(same / 200.0, (double)result["model"]!["agreement"]!);
        Assert.AreEqual(200, (int)result["quality"]!["floatTop1"]!["images"]!);

        // What calibration counted is what the two networks answer.
        string images = DigitsModel.Calibration, integers = folder.File("a.q.pb");
        Ebspc.Run(["quantize", DigitsModel.Onnx, .. Scale, .. Calibrate, "-o", integers]).Expect(0);
        JsonNode run = Ebspc.Run("run", integers, "--input", images, "--count", "200", "--compare", DigitsModel.Onnx, "--scale", "1/16",
            "--json").Expect(0).Json["result"]!;
        Assert.AreEqual(same, (int)run["sameAnswers"]!);
    }

    [TestMethod]
    public void Quantize_WithFewerAgreeingThanAsked_IsRefused()
    {
        using TemporaryFolder folder = new();
        string output = folder.File("a.q.pb");
        CliResult refused = Ebspc.Run(["quantize", DigitsModel.Onnx, .. Scale, .. Calibrate, .. Coarse, "--min-agreement", "0.95", "-o",
            output]).Expect(3);
        Assert.Contains("error EBSP2023", refused.Error);
        Assert.Contains("fewer than --min-agreement 0.95", refused.Error);
        Assert.IsFalse(File.Exists(output));
        Ebspc.Run(["quantize", DigitsModel.Onnx, .. Scale, .. Calibrate, "--min-agreement", "0.9", "-o", output]).Expect(0);
        foreach (string share in new[] { "95", "x", "-1" })
            Ebspc.Run(["quantize", DigitsModel.Onnx, .. Scale, .. Calibrate, "--min-agreement", share, "-o", output]).Expect(2);
    }

    [TestMethod]
    public void Compile_WithAWrongScale_NamesTheUsualOnes()
    {
        using TemporaryFolder folder = new();
        string output = folder.File("a.ebsp");
        CliResult called = Ebspc.Run(["compile", DigitsModel.Onnx, "--scale", "1/4080", .. Calibrate, "-o", output]).Expect(0);
        Assert.Contains("warning EBSP2024: of 200 labeled images the float network is right on 200 with --scale 1/16, on ", called.Error);
    }
}
