using System.Globalization;
using System.Text.Json.Nodes;
using Ebsp.Compiler.Data;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.Cli.Tests;

/// <summary>Pictures through ebspc: names, accuracy, sizes.</summary>
[TestClass]
public sealed class PictureRunTests
{
    [TestMethod]
    public void Run_OnePicture_PrintsFiveNamesWithProbabilities()
    {
        using TemporaryFolder folder = new();
        string model = folder.File("digits.pb"), picture = folder.File("a.pgm");
        string names = folder.Write("names.txt", "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n"u8);
        Ebspc.Run("import", DigitsModel.Onnx, "--scale", "1/16", "--classes", names, "-o", model).Expect(0);
        ImageSet digits = DataReader.Read(DigitsModel.HeldOut, new DataOptions { Count = 1 });
        File.WriteAllText(picture, $"P2 8 8 255 {string.Join(' ', digits.PixelsOf(0).ToArray())}");

        CliResult text = Ebspc.Run("run", model, "--input", picture).Expect(0);
        Assert.Contains("best           1. ", text.Out);
        Assert.Contains("               5. ", text.Out);
        JsonObject image = Ebspc.Run("run", model, "--input", picture, "--json").Expect(0).Json["result"]!["best"]![0]!.AsObject();
        Assert.AreEqual("a.pgm", (string?)image["image"]);
        JsonArray classes = image["classes"]!.AsArray();
        Assert.HasCount(5, classes);
        string[] known = File.ReadAllLines(names);
        Assert.AreEqual(known[digits.Labels![0]], (string?)classes[0]!["name"]);
        Assert.IsTrue(classes.All(c => known[(int)c!["class"]!] == (string?)c["name"]));
        double[] probabilities = [.. classes.Select(c => (double)c!["probability"]!)];
        CollectionAssert.AreEqual(probabilities.OrderDescending().ToArray(), probabilities);
        Assert.IsTrue(probabilities.Sum() is > 0.5 and <= 1 + 1e-9);
    }

    [TestMethod]
    public void Run_WithLabels_GivesTopOneAndTopFiveAndOnRequestTheNames()
    {
        JsonNode result = Ebspc.Run("run", DigitsModel.Onnx, "--input", DigitsModel.HeldOut, "--scale", "1/16", "--top", "3", "--count",
            "20",
            "--json").Expect(0).Json["result"]!;
        Assert.IsGreaterThanOrEqualTo((int)result["top1"]!["correct"]!, (int)result["top5"]!["correct"]!);
        Assert.IsLessThan(1.0, (double)result["top5"]!["low95"]!);
        Assert.HasCount(20, result["best"]!.AsArray());
        Assert.HasCount(3, result["best"]![19]!["classes"]!.AsArray());
        Ebspc.Run("run", DigitsModel.Onnx, "--input", DigitsModel.HeldOut, "--top", "0").Expect(2);
    }

    [TestMethod]
    public void Run_PictureOfAnotherSize_SaysWhatWouldDo()
    {
        using TemporaryFolder folder = new();
        string square = folder.Write("a.pgm", [.. "P5 10 10 255\n"u8, .. new byte[100]]),
            wide = folder.Write("b.ppm", [.. "P6 12 7 255\n"u8, .. new byte[252]]);
        Assert.Contains("EBSP7104: images of 1x10x10 (C x H x W) for a network that reads 1x8x8; --crop 8 or --resize 8 would do.",
            Ebspc.Run("run", DigitsModel.Onnx, "--input", square).Expect(3).Error);
        Assert.Contains("reads 1x8x8; --resize 8 --crop 8 would do.", Ebspc.Run("run", DigitsModel.Onnx, "--input", wide).Expect(3).Error);
        foreach (string[] options in new string[][] { ["--crop", "8"], ["--resize", "8"], ["--resize", "9x9", "--crop", "8x8"] })
            Ebspc.Run(["run", DigitsModel.Onnx, "--input", square, .. options]).Expect(0);
        Ebspc.Run("run", DigitsModel.Onnx, "--input", wide, "--resize", "8", "--crop", "8").Expect(0);
        Assert.Contains("--resize '8*8' is not of the form",
            Ebspc.Run("run", DigitsModel.Onnx, "--input", square, "--resize", "8*8").Expect(2).Error);
    }

    [TestMethod]
    public void Run_FolderOfPictures_IsRecordedByItsContent()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("set"));
        folder.Write("set/a.pgm", [.. "P5 8 8 255\n"u8, .. new byte[64]]);
        string first = HashOf();
        Assert.AreEqual(first, HashOf());
        folder.Write("set/a.pgm", [.. "P5 8 8 255\n"u8, .. new byte[63], 1]);
        Assert.AreNotEqual(first, HashOf());

        string HashOf() => (string)Ebspc.Run("run", DigitsModel.Onnx, "--input", folder.File("set"), "--json")
            .Expect(0).Json["inputs"]![1]!["sha256"]!;
    }

    [TestMethod]
    public void Import_ClassNames_FitOrAreRefused()
    {
        using TemporaryFolder folder = new();
        string model = folder.File("x.pb");
        string[] names = [.. Enumerable.Range(0, 10).Select(i => string.Create(CultureInfo.InvariantCulture, $"name {i}"))];
        Assert.AreEqual("name 9", Classes(string.Join('\n', names))[9]);
        Assert.AreEqual("name 9", Classes(string.Join('\n', names.Select((name, i) => $"{i}\tn{i}\t{name}").Reverse()))[9]);
        Assert.AreEqual("background name 0", string.Join(' ', Classes(string.Join('\n', names[..9]))[..2]));
        Assert.Contains("EBSP1013: 8 class names for 10 classes.", Import(string.Join('\n', names[..8])).Expect(3).Error);
        Assert.Contains("EBSP7008: line 2:", Import("0\ta\n0\tb\n").Expect(3).Error);

        CliResult Import(string text)
        {
            File.WriteAllText(folder.File("names"), text);
            return Ebspc.Run("import", DigitsModel.Onnx, "--classes", folder.File("names"), "-o", model);
        }

        string[] Classes(string text)
        {
            Import(text).Expect(0);
            return [.. Ebspc.Run("inspect", model, "--json").Expect(0).Json["result"]!["network"]!["classes"]!.AsArray()
                .Select(name => (string)name!)];
        }
    }

    /// <summary>Networks and shares that the notes beside the data give for ONNX Runtime.</summary>
    [TestMethod]
    [DataRow("mobilenetv1-0.25-128", "imagenet/val200-rgb128.med.br", "", 200, 90, null)]
    [DataRow("mobilenetv1-0.25-128", "imagenet/val500-jpeg.zip", "--count 200 --resize 128", 200, 90, null)]
    [DataRow("mobilenetv1-0.5-160", "imagenet/val500-jpeg.zip", "--resize 160", 500, 331, null)]
    [DataRow("mobilenetv2-1.0-224-ptq", "imagenet/val500-jpeg.zip", "--crop 224", 500, 395, 473)]
    public void Run_FloatNetworkOnImageNet_HasThePublishedAccuracy(string network, string data, string options, int images, int top1,
        int? top5)
    {
        LongMode.Require();
        string center = network.StartsWith("mobilenetv2", StringComparison.Ordinal) ? "127.5" : "128";
        string[] call =
        [
            "run", TestData.File($"models/{network}.onnx"), "--input", TestData.File(data), "--labels",
                TestData.File("imagenet/val500-labels.csv"),
            "--label-offset", "1", "--mean", center, "--std", center, "--json",
                .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries),
        ];
        JsonNode result = Ebspc.Run(call).Expect(0).Json["result"]!;
        Assert.AreEqual((images, top1), ((int)result["images"]!, (int)result["top1"]!["correct"]!));
        if (top5 is { } five)
            Assert.AreEqual(five, (int)result["top5"]!["correct"]!);
    }
}
