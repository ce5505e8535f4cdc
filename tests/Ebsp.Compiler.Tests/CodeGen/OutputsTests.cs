using Ebsp.Compiler.Data;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.Compiler.Quantization;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Google.Protobuf;
using static Ebsp.Compiler.Tests.Import.OnnxModels;

namespace Ebsp.Compiler.Tests.CodeGen;

/// <summary>Networks with several outputs, the whole way.</summary>
[TestClass]
public sealed class OutputsTests
{
    private const int Images = 8;

    [TestMethod]
    public void Compile_SeveralOutputs_GivesEachByItsName()
    {
        Graph graph = OnnxImporter.Import(Heads().ToByteArray());
        CollectionAssert.AreEqual(new[] { "map", "mask", "classes", "unit", "same" },
            graph.Outputs.Select(output => output.Name).ToArray());
        ImageSet images = new("noise", 3, 6, 6, Images, [], null) { Values = Noise() };
        QuantizationResult quantized = Quantizer.Run(graph, images, new QuantizerOptions { Weights = new OperandFormat(8, 3),
            Activations = new OperandFormat(8, 3) });
        CollectionAssert.AreEqual(new[] { "map", "mask", "classes", "unit", "same" },
            quantized.Graph.Outputs.Select(output => output.Name).ToArray());
        foreach (string machine in (string[])["default", "small-8"])
        {
            (EbspProgram program, byte[] file) = ModelCompiler.CompileFile(quantized.Graph,
                new CompileOptions(ArchPresets.Find(machine)!, 2, new string('0', 64), ""));
            CollectionAssert.AreEqual(file, ProgramWriter.Write(ProgramReader.Open(file)));
            RandomProgramTests.AssertExecutorsAgree(quantized.Graph, program, 1);
            Verification verification = new(program, "");
            verification.Run(images, [("fast engine", new Emulator.MachineOptions())]);
            Assert.IsNull(verification.First);
            Check(new FloatExecutor(graph), new MachineExecutor(program), images);
        }

        Check(new FloatExecutor(graph), new IntegerExecutor(quantized.Graph), images);
        // Files and listings tell all of them.
        Graph read = GraphFile.Parse(GraphFile.Serialize(quantized.Graph));
        CollectionAssert.AreEqual(quantized.Graph.Outputs, read.Outputs);
        CollectionAssert.AreEqual(quantized.Graph.Outputs, GraphParser.Parse(GraphPrinter.Print(quantized.Graph)).Outputs);
        Graph viewed = OnnxImporter.Import(OnnxView.Write(graph));
        Assert.HasCount(5, viewed.Outputs);
        Check(new FloatExecutor(graph), new FloatExecutor(viewed), images);
    }

    [TestMethod]
    public void Import_HeadsOfADetector_AreRowsOfPixels()
    {
        // Two heads of 3 boxes with 4 numbers at every pixel, one behind the other as detectors have it.
        ModelProto model = Model([3, 6, 6],
            Node("Conv", "a", "x", "wa").With("pads", 1, 1, 1, 1),
            Node("Conv", "b", "x", "wb").With("strides", 2, 2).With("pads", 1, 1, 1, 1),
            Node("Transpose", "at", "a").With("perm", 0, 2, 3, 1), Node("Transpose", "bt", "b").With("perm", 0, 2, 3, 1),
            Node("Reshape", "ar", "at", "s"), Node("Reshape", "br", "bt", "s"), Node("Concat", "y", "ar", "br").WithInt("axis", 1))
            .Integers("s", 1, -1, 4).Floats("wa", [12, 3, 3, 3], Weights(324)).Floats("wb", [12, 3, 3, 3], Weights(324));
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        Assert.AreEqual(new Shape(4, 1, 3 * (36 + 9)), graph.TypeOf(graph.OutputName).Shape);
        Assert.IsTrue(graph.OutputChannelsLast);
        float[] images = Noise()[..(2 * 108)];
        float[] actual = graph.RunAsExported(images);
        float[] a = Head("wa", 1), b = Head("wb", 2);
        for (int i = 0; i < actual.Length; i++)
        {
            int image = i / 540, box = i % 540 / 4, number = i % 4, at = box < 108 ? box : box - 108, extent = box < 108 ? 6 : 3;
            float[] from = box < 108 ? a : b;
            int channel = at % 3 * 4 + number, pixel = at / 3;
            Assert.AreEqual(from[(image * 12 + channel) * extent * extent + pixel], actual[i], 1e-5, $"box {box}, number {number}");
        }

        Graph quantized = Quantizer.Run(graph, new ImageSet("noise", 3, 6, 6, Images, [], null) { Values = Noise() }).Graph;
        Assert.IsFalse(quantized.Nodes.Any(node => node.Name.Contains("copy", StringComparison.Ordinal)), GraphPrinter.Print(quantized));
        RandomProgramTests.AssertExecutorsAgree(quantized, RandomProgramTests.Compile(quantized, ArchPresets.Default, 2), 1);

        float[] Head(string weights, int stride)
        {
            ModelProto head = Model([3, 6, 6], Node("Conv", "y", "x", weights).With("pads", 1, 1, 1, 1).With("strides", stride, stride))
                .Floats(weights, [12, 3, 3, 3], Weights(324));
            return head.Run(images);
        }
    }

    // A map that another layer reads too, the sigmoid of a map, classes, a vector of length 1, and one tensor under two names.
    private static ModelProto Heads()
    {
        ModelProto model = Model([3, 6, 6],
            Node("Conv", "map", "x", "w").With("pads", 1, 1, 1, 1), Node("Relu", "r", "map"),
            Node("Conv", "m", "r", "one"), Node("Sigmoid", "mask", "m"),
            Node("GlobalAveragePool", "g", "r"), Node("Flatten", "f", "g"), Node("Gemm", "l", "f", "k").WithInt("transB", 1),
            Node("Softmax", "classes", "l").WithInt("axis", 1),
            Node("Gemm", "e", "f", "k2").WithInt("transB", 1), Node("LpNormalization", "unit", "e").WithInt("axis", 1),
            Node("Identity", "same", "map"))
            .Floats("w", [8, 3, 3, 3], Weights(216)).Floats("one", [2, 8, 1, 1], Weights(16)).Floats("k", [5, 8], Weights(40))
            .Floats("k2", [6, 8], Weights(48));
        model.Graph.Output.Clear();
        foreach (string name in (string[])["map", "mask", "classes", "unit", "same"])
            model.Graph.Output.Add(new ValueInfoProto { Name = name });
        return model;
    }

    private static void Check(Executor expected, Executor actual, ImageSet images)
    {
        float[][] right = expected.RunOutputs(images), given = actual.RunOutputs(images);
        Assert.HasCount(right.Length, given);
        for (int i = 0; i < right.Length; i++)
        {
            double signal = 0, noise = 0;
            for (int at = 0; at < right[i].Length; at++)
            {
                signal += right[i][at] * right[i][at];
                noise += Math.Pow(right[i][at] - given[i][at], 2);
            }

            Assert.IsGreaterThan(20, 10 * Math.Log10(signal / Math.Max(noise, 1e-12)), $"{actual.Name}, output {i}");
        }
    }

    private static float[] Weights(int count) => [.. Enumerable.Range(0, count).Select(i => (i * 37 % 41 - 20) / 60f)];

    private static float[] Noise()
    {
        Random random = new(7);
        return [.. Enumerable.Range(0, Images * 108).Select(_ => random.NextSingle() * 2 - 1)];
    }
}
