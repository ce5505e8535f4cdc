using Ebsp.Compiler.Data;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reference;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Ebsp.Isa.Verification;
using Google.Protobuf;
using static Ebsp.Compiler.Tests.Import.OnnxModels;

namespace Ebsp.Compiler.Tests.CodeGen;

/// <summary>
/// Operators that put pixels elsewhere, behind a convolution 3 x 6 x 5 to 8 x 6 x 5, the whole way; what they must compute is written here
/// as ONNX's formulas say it, from where each output element comes.
/// </summary>
[TestClass]
public sealed class MovesTests
{
    private const int Images = 8, Height = 6, Width = 5, Channels = 8;

    [TestMethod]
    [DataRow(2, 2, "half_pixel", "round_prefer_floor")]
    [DataRow(3, 1, "asymmetric", "floor")]
    [DataRow(1, 4, "half_pixel", "round_prefer_ceil")]
    [DataRow(2, 3, "tf_half_pixel_for_nn", "floor")]
    public void ResizeNearest_ByWholeFactors_RepeatsPixels(int down, int across, string coordinates, string nearest) =>
        Check(Behind(Node("Resize", "y", "c", "", "s").WithText("coordinate_transformation_mode", coordinates)
            .WithText("nearest_mode", nearest)).Floats("s", [4], 1, 1, down, across),
            Height * down, Width * across, Channels, (c, k, y, x) => c(k, y / down, x / across));

    [TestMethod]
    public void ResizeNearest_ToHalf_TakesEverySecond() =>
        Check(Behind(Node("Resize", "y", "c", "", "", "z").WithText("coordinate_transformation_mode", "asymmetric")
            .WithText("nearest_mode", "floor")).Integers("z", 1, 8, 3, 5), 3, 5, Channels, (c, k, y, x) => c(k, 2 * y, x));

    [TestMethod]
    public void Upsample_OfOldSets_RepeatsPixels() =>
        Check(Behind(Node("Upsample", "y", "c", "s")).Opset(9).Floats("s", [4], 1, 1, 2, 2), 12, 10, Channels,
            (c, k, y, x) => c(k, y / 2, x / 2));

    [TestMethod]
    [DataRow(2, 2, "half_pixel")]
    [DataRow(2, 1, "pytorch_half_pixel")]
    [DataRow(4, 3, "half_pixel")]
    [DataRow(2, 2, "asymmetric")]
    public void ResizeLinear_ByWholeFactors_Interpolates(int down, int across, string coordinates)
    {
        double At(int i, int factor) => coordinates == "asymmetric" ? (double)i / factor : (i + 0.5) / factor - 0.5;
        float Line(Func<int, float> values, double at, int size)
        {
            int first = (int)Math.Floor(at);
            double weight = at - first;
            return (float)((1 - weight) * values(Math.Clamp(first, 0, size - 1)) + weight * values(Math.Clamp(first + 1, 0, size - 1)));
        }

        Check(Behind(Node("Resize", "y", "c", "", "s").WithText("mode", "linear").WithText("coordinate_transformation_mode", coordinates))
            .Floats("s", [4], 1, 1, down, across), Height * down, Width * across, Channels, (c, k, y, x) =>
            Line(row => Line(column => c(k, row, column), At(x, across), Width), At(y, down), Height));
    }

    [TestMethod]
    [DataRow("DCR", 2)]
    [DataRow("CRD", 2)]
    public void DepthToSpace_OfBothModes_SpreadsChannels(string mode, int block) =>
        Check(Behind(Node("DepthToSpace", "y", "c").WithInt("blocksize", block).WithText("mode", mode)), Height * block, Width * block,
            Channels / block / block, (c, k, y, x) =>
            {
                int phase = y % block * block + x % block, channels = Channels / block / block;
                return c(mode == "DCR" ? phase * channels + k : k * block * block + phase, y / block, x / block);
            });

    [TestMethod]
    public void PixelShuffle_AsItsReshapes_SpreadsChannels() =>
        Check(Behind(Node("Reshape", "a", "c", "six"), Node("Transpose", "b", "a").With("perm", 0, 1, 4, 2, 5, 3),
            Node("Reshape", "d", "b", "four"), Node("Conv", "y", "d", "k"))
            .Integers("six", -1, 2, 2, 2, 6, 5).Integers("four", -1, 2, 12, 10).Floats("k", [2, 2, 1, 1], 1, 0, 0, 1), 12, 10, 2,
            (c, k, y, x) => c(k * 4 + y % 2 * 2 + x % 2, y / 2, x / 2));

    [TestMethod]
    [DataRow(2, 1, 0, 3, 1, 1)]
    [DataRow(2, 1, 1, 3, 1, 1)]
    [DataRow(2, 0, 0, 2, 1, 1)]
    [DataRow(2, 1, 0, 4, 1, 2)]
    [DataRow(3, 0, 1, 2, 1, 1)]
    [DataRow(1, 1, 0, 3, 1, 1)]
    [DataRow(2, 0, 0, 3, 2, 8)]
    [DataRow(3, 2, 2, 4, 3, 4)]
    [DataRow(4, 3, 0, 3, 1, 1)]
    public void ConvTranspose_ByPhases_IsTheTransposedSum(int stride, int pad, int extra, int kernel, int dilation, int groups)
    {
        const int each = 2;
        int outputs = each * groups, inputs = Channels / groups;
        int Extent(int size) => (size - 1) * stride + extra + (kernel - 1) * dilation + 1 - 2 * pad;
        float[] weights = Weights(Channels * each * kernel * kernel), bias = [.. Enumerable.Range(0, outputs).Select(k => k / 4f - 0.3f)];
        Check(Behind(Node("ConvTranspose", "y", "c", "k", "b").With("strides", stride, stride).With("pads", pad, pad, pad, pad)
            .With("output_padding", extra, extra).With("dilations", dilation, dilation).WithInt("group", groups))
            .Floats("k", [Channels, each, kernel, kernel], weights).Floats("b", [outputs], bias),
            Extent(Height), Extent(Width), outputs, (c, k, y, x) =>
            {
                double sum = bias[k];
                for (int from = 0; from < inputs; from++)
                {
                    for (int tap = 0; tap < kernel * kernel; tap++)
                    {
                        int row = y + pad - tap / kernel * dilation, column = x + pad - tap % kernel * dilation;
                        if (row % stride != 0 || column % stride != 0 || row / stride is < 0 or >= Height || row < 0 || column < 0
                            || column / stride >= Width)
                            continue;
                        int channel = k / each * inputs + from;
                        sum += c(channel, row / stride, column / stride)
                            * weights[(channel * each + k % each) * kernel * kernel + tap];
                    }
                }

                return (float)sum;
            });
    }

    [TestMethod]
    public void ConvTranspose_NormalizedAndClamped_TakesBothAlong()
    {
        ModelProto model = Behind(Node("ConvTranspose", "t", "c", "k").With("strides", 2, 2),
            Node("BatchNormalization", "n", "t", "s", "b", "b", "s"), Node("Relu", "r", "n"), Node("Conv", "y", "r", "one"))
            .Floats("k", [Channels, 4, 2, 2], Weights(Channels * 16)).Floats("s", [4], 1, 2, 0.5f, 1).Floats("b", [4], 0.1f, 0, -0.1f, 0.2f)
            .Floats("one", [4, 4, 1, 1], [.. Enumerable.Range(0, 16).Select(i => i % 5 == 0 ? 1f : 0)]);
        Graph graph = FloatPasses.Run(OnnxImporter.Import(model.ToByteArray()));
        Assert.IsFalse(graph.Nodes.Any(node => node.Op is ChannelAffine), GraphPrinter.Print(graph));
        Assert.AreEqual(4, graph.Nodes.Count(node => node.Op is Clamp));
    }

    [TestMethod]
    public void UNet_WithSkips_AgreesOnSmallMachines()
    {
        ModelProto model = Behind(Node("MaxPool", "m", "c").With("kernel_shape", 2, 1).With("strides", 2, 1), Node("Conv", "d", "m", "w2")
            .With("pads", 1, 1, 1, 1), Node("Relu", "r", "d"), Node("ConvTranspose", "u", "r", "k").With("strides", 2, 1),
            Node("Concat", "j", "u", "c").WithInt("axis", 1), Node("Resize", "y", "j", "", "s").WithText("coordinate_transformation_mode",
                "asymmetric").WithText("nearest_mode", "floor"))
            .Floats("w2", [8, 8, 3, 3], Weights(576)).Floats("k", [8, 8, 2, 1], Weights(128)).Floats("s", [4], 1, 1, 2, 2);
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        float[] images = Noise();
        Graph quantized = Quantizer.Run(graph, new ImageSet("noise", 3, Height, Width, Images, [], null) { Values = images }).Graph;
        foreach (string machine in (string[])["default", "small-8", "small-16"])
        {
            EbspProgram program = RandomProgramTests.Compile(quantized, ArchPresets.Find(machine)!, 2);
            Assert.IsEmpty(ProgramVerifier.Check(program), machine);
            RandomProgramTests.AssertExecutorsAgree(quantized, program, 3);
        }
    }

    private static ModelProto Behind(params NodeProto[] nodes) =>
        Model([3, Height, Width], [Node("Conv", "c", "x", "w").With("pads", 1, 1, 1, 1), .. nodes]).Floats("w", [8, 3, 3, 3], Weights(216));

    private static float[] Weights(int count) => [.. Enumerable.Range(0, count).Select(i => (i * 37 % 41 - 20) / 60f)];

    private static float[] Noise()
    {
        Random random = new(7);
        return [.. Enumerable.Range(0, Images * 3 * Height * Width).Select(_ => random.NextSingle() * 2 - 1)];
    }

    private static void Check(ModelProto model, int height, int width, int channels,
        Func<Func<int, int, int, float>, int, int, int, float> of)
    {
        float[] images = Noise();
        float[] before = FloatInterpreter.RunAll(OnnxImporter.Import(Renamed().ToByteArray()), images, 1);
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        Assert.AreEqual(new Shape(channels, height, width), graph.TypeOf(graph.OutputName).Shape);
        float[] actual = FloatInterpreter.RunAll(graph, images, 1);
        for (int i = 0; i < actual.Length; i++)
        {
            int image = i / (channels * height * width), k = i / (height * width) % channels, y = i / width % height, x = i % width;
            float expected = of((c, row, column) => before[((image * Channels + c) * Height + row) * Width + column], k, y, x);
            Assert.AreEqual(expected, actual[i], 1e-4 * (1 + Math.Abs(expected)), $"image {image}, channel {k}, row {y}, column {x}");
        }

        QuantizationResult result = Quantizer.Run(graph, new ImageSet("noise", 3, Height, Width, Images, [], null) { Values = images },
            new QuantizerOptions { Weights = new OperandFormat(8, 3), Activations = new OperandFormat(8, 3) });
        Assert.IsGreaterThan(20, result.ScoreSignalToNoise);
        EbspProgram program = RandomProgramTests.Compile(result.Graph, ArchPresets.Default, 2);
        Assert.IsEmpty(ProgramVerifier.Check(program));
        RandomProgramTests.AssertExecutorsAgree(result.Graph, program, 5);
        (_, byte[] file) = ModelCompiler.CompileFile(result.Graph, new CompileOptions(ArchPresets.Default, 1, new string('0', 64), ""));
        Assert.IsEmpty(ProgramVerifier.Check(ProgramReader.Open(file)));

        ModelProto Renamed()
        {
            ModelProto alone = Behind();
            alone.Graph.Output[0].Name = "c";
            return alone;
        }
    }
}
