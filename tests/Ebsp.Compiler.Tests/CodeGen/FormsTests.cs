using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reference;
using Ebsp.Emulator;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Google.Protobuf;
using static Ebsp.Compiler.Tests.Import.OnnxModels;

namespace Ebsp.Compiler.Tests.CodeGen;

/// <summary>
/// The forms of docs/operators.md, each behind a convolution 3 x 6 x 6 to 8 x 6 x 6, the whole way: what `check` calls mapped computes what
/// ONNX says in float, is quantized and compiled, and runs alike on all executors.
/// </summary>
[TestClass]
public sealed class FormsTests
{
    private static readonly float[] Channels = [.. Enumerable.Range(0, 8).Select(c => 0.5f + c / 8f)];

    private static readonly (string Name, Func<ModelProto> Make)[] Forms =
    [
        ("Conv of groups", () => Behind(Node("Conv", "y", "c", "k").WithInt("group", 8).With("pads", 1, 1, 1, 1)).Floats("k", [8, 1, 3,
            3], Weights(72))),
        ("MaxPool", () => Behind(Node("MaxPool", "y", "c").With("kernel_shape", 3, 3).With("strides", 2, 2).WithInt("ceil_mode", 1))),
        ("AveragePool", () => Behind(Node("AveragePool", "y", "c").With("kernel_shape", 3, 3).With("pads", 1, 1, 1,
            1).WithInt("count_include_pad", 1))),
        ("AveragePool ceil", () => Behind(Node("AveragePool", "y", "c").With("kernel_shape", 3, 3).With("strides", 2, 2).With("pads",
            1, 1, 1, 1)
            .WithInt("ceil_mode", 1).WithInt("count_include_pad", 1))),
        ("GlobalMaxPool", () => Behind(Node("GlobalMaxPool", "y", "c"))),
        ("GlobalLpPool", () => Behind(Node("GlobalLpPool", "y", "c"))),
        ("ReduceMean rows", () => Behind(Node("ReduceMean", "y", "c").With("axes", 2))),
        ("ReduceMean channels", () => Behind(Node("ReduceMean", "y", "c").With("axes", 1))),
        ("ReduceSum", () => Behind(Node("ReduceSum", "y", "c", "a")).Integers("a", 2, 3)),
        ("ReduceMax", () => Behind(Node("ReduceMax", "y", "c").With("axes", 3))),
        ("ReduceMin", () => Behind(Node("ReduceMin", "y", "c").With("axes", 2, 3))),
        ("ReduceL1", () => Behind(Node("ReduceL1", "y", "c").With("axes", 2, 3))),
        ("ReduceL2", () => Behind(Node("ReduceL2", "y", "c").With("axes", 2, 3))),
        ("BatchNormalization", () => Behind(Node("BatchNormalization", "y", "c", "s", "s", "s", "s")).Floats("s", [8], Channels)),
        ("PRelu by channel", () => Behind(Node("PRelu", "y", "c", "s")).Floats("s", [8, 1, 1], Channels)),
        ("Selu", () => Behind(Node("Selu", "y", "c"))),
        ("Softplus", () => Behind(Node("Softplus", "y", "c"))),
        ("Erf", () => Behind(Node("Erf", "y", "c"))),
        ("Abs", () => Behind(Node("Abs", "y", "c"))),
        ("Pow", () => Behind(Node("Pow", "y", "c", "two")).Floats("two", [], 2)),
        ("x * sigmoid(x)", () => Behind(Node("Sigmoid", "s", "c"), Node("Mul", "y", "c", "s"))),
        ("x * tanh(softplus(x))", () => Behind(Node("Softplus", "p", "c"), Node("Tanh", "t", "p"), Node("Mul", "y", "c", "t"))),
        ("x * clip(x + 3) / 6", () => Behind(Node("Add", "a", "c", "three"), Node("Clip", "l", "a", "zero", "six"), Node("Mul", "m",
            "c", "l"),
            Node("Div", "y", "m", "six")).Floats("three", [], 3).Floats("zero", [], 0).Floats("six", [], 6)),
        ("Add", () => Behind(Node("MaxPool", "m", "c").With("kernel_shape", 3, 3).With("pads", 1, 1, 1, 1), Node("Add", "y", "c", "m"))),
        ("Sub by channel", () => Behind(Node("Sub", "y", "s", "c")).Floats("s", [8, 1, 1], Channels)),
        ("Mul by a gate", () => Behind(Node("GlobalAveragePool", "g", "c"), Node("Sigmoid", "s", "g"), Node("Mul", "y", "c", "s"))),
        ("Div by element", () => Behind(Node("Flatten", "f", "c"), Node("Div", "d", "f", "e"), Node("MatMul", "y", "d", "k"))
            .Floats("e", [288], [.. Enumerable.Range(0, 288).Select(i => 1 + i % 5 / 4f)]).Floats("k", [288, 4], Weights(1152))),
        ("Max of two", () => Behind(Node("Conv", "d", "x", "w2").With("pads", 1, 1, 1, 1), Node("Max", "y", "c", "d")).Floats("w2", [8,
            3, 3, 3], Weights(216))),
        ("Min with a number", () => Behind(Node("Min", "y", "c", "half")).Floats("half", [], 0.5f)),
        ("Max by channel", () => Behind(Node("Max", "y", "c", "s")).Floats("s", [8, 1, 1], [.. Channels.Select(value => value - 1)])),
        ("Concat of channels", () => Behind(Node("Relu", "r", "c"), Node("Concat", "y", "c", "r").WithInt("axis", 1))),
        ("Concat of rows", () => Behind(Node("Relu", "r", "c"), Node("Concat", "y", "c", "r").WithInt("axis", 2))),
        ("Concat of columns", () => Behind(Node("Relu", "r", "c"), Node("Concat", "y", "c", "r").WithInt("axis", -1))),
        ("Tile", () => Behind(Node("Tile", "y", "c", "t")).Integers("t", 1, 1, 2, 1)),
        ("Slice", () => Behind(Node("Slice", "y", "c", "s", "e", "a", "t")).Integers("s", 1, 0).Integers("e", 6, 5).Integers("a", 2,
            3).Integers("t", 2, 1)),
        ("Slice of channels by steps", () => Behind(Node("Slice", "y", "c", "s", "e", "a", "t")).Integers("s", 7).Integers("e",
            -100).Integers("a", 1)
            .Integers("t", -2)),
        ("Split", () => Split()),
        ("Gather", () => Behind(Node("Gather", "y", "c", "i").WithInt("axis", 1)).Integers("i", 3, 1, 6)),
        ("Pad", () => Behind(Node("Pad", "y", "c", "p")).Integers("p", 0, 0, 1, 2, 0, 0, 0, 1)),
        ("Pad, then MaxPool", () => Behind(Node("Pad", "p", "c", "n"), Node("MaxPool", "y", "p").With("kernel_shape", 3,
            3).With("strides", 2, 2))
            .Integers("n", 0, 0, 1, 1, 0, 0, 1, 1)),
        ("Pad of a number", () => Behind(Node("Pad", "y", "c", "p", "half")).Integers("p", 0, 0, 1, 0, 0, 0, 0, 1).Floats("half", [],
            0.5f)),
        ("Pad by reflection", () => Behind(Node("Pad", "y", "c", "p").WithText("mode", "reflect")).Integers("p", 0, 0, 2, 1, 0, 0, 1, 0)),
        ("Pad by the edge", () => Behind(Node("Pad", "y", "c", "p").WithText("mode", "edge")).Integers("p", 0, 0, 1, 1, 0, 0, 1, 1)),
        ("Channels last, then dense", () => Behind(Node("Transpose", "t", "c").With("perm", 0, 2, 3, 1), Node("Reshape", "f", "t", "s"),
            Node("MatMul", "y", "f", "k")).Integers("s", -1, 288).Floats("k", [288, 4], Weights(1152))),
        ("Dense at every pixel", () => Behind(Node("Transpose", "t", "c").With("perm", 0, 2, 3, 1), Node("MatMul", "m", "t", "k"),
            Node("Transpose", "y", "m").With("perm", 0, 3, 1, 2)).Floats("k", [8, 8], Weights(64))),
        ("Channel shuffle", () => Behind(Node("Reshape", "a", "c", "five"), Node("Transpose", "b", "a").With("perm", 0, 2, 1, 3, 4),
            Node("Reshape", "y", "b", "four"))
            .Integers("five", 0, 2, 4, 6, 6).Integers("four", 0, 8, 6, 6)),
    ];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void EveryForm_TheWholeWay_IsCompiledAndRunsAlike()
    {
        List<string> wrong = [];
        for (int i = 0; i < Forms.Length; i++)
        {
            try
            {
                if (Walk(Forms[i].Make(), i) is { } difference)
                    wrong.Add($"{Forms[i].Name}: {difference}");
            }
            catch (Exception e) when (e is EbspException or NotMappedException or AssertFailedException
                or KeyNotFoundException or InvalidOperationException)
            {
                wrong.Add($"{Forms[i].Name}: {e.GetType().Name}: {e.Message}");
            }
        }

        TestContext.WriteLine($"{Forms.Length} forms");
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    // Float against ONNX's rules, then quantized, compiled, opened and run.
    private static string? Walk(ModelProto model, int seed)
    {
        Random random = new(seed);
        float[] images = [.. Enumerable.Range(0, 8 * 108).Select(_ => random.NextSingle() * 2 - 1)];
        Graph graph = OnnxImporter.Import(model.ToByteArray());
        float[] expected = GraphEvaluation.Run(model, [HostTensor.Of([8, 3, 6, 6], images)])[0].Floats!;
        float[] actual = FloatInterpreter.RunAll(graph, images, 1);
        if (expected.Length != actual.Length)
            return $"{actual.Length} values instead of {expected.Length}";
        for (int i = 0; i < actual.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= 1e-4 * (1 + Math.Abs(expected[i]))))
                return $"value {i} is {actual[i]} instead of {expected[i]}";
        }

        ImageSet calibration = new("noise", 3, 6, 6, 8, [], null) { Values = images };
        Graph quantized = Quantizer.Run(graph, calibration).Graph;
        EbspProgram program = RandomProgramTests.Compile(quantized, ArchPresets.Default, 1);
        ReferenceRun run = new IntegerReference(ModelSection.Read(program)).Run(InputImages.Integers(quantized, images.AsSpan(0, 108)));
        foreach (EngineKind engine in Enum.GetValues<EngineKind>())
        {
            TileComparison comparison = new(program, [run]);
            Machine machine = new(program, new MachineOptions { Engine = engine, InterleavingSeed = seed }) { Observer = comparison };
            machine.WriteImage(0, images.AsSpan(0, 108));
            machine.Run();
            if (comparison.First is not null || comparison.Tiles != program.Layers.Tiles.Length)
                return $"{engine}: {comparison.First}, {comparison.Tiles} of {program.Layers.Tiles.Length} tiles compared";
        }

        return null;
    }

    private static ModelProto Behind(params NodeProto[] nodes) =>
        Model([3, 6, 6], [Node("Conv", "c", "x", "w").With("pads", 1, 1, 1, 1), .. nodes]).Floats("w", [8, 3, 3, 3], Weights(216));

    private static ModelProto Split()
    {
        NodeProto split = Node("Split", "a", "c").WithInt("axis", 2);
        split.Output.Add("b");
        return Behind(split, Node("Add", "y", "a", "b"));
    }

    private static float[] Weights(int count) => [.. Enumerable.Range(0, count).Select(i => (i * 37 % 41 - 20) / 60f)];
}
