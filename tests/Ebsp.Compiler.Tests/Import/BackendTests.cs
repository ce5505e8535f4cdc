using System.IO.Compression;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.Compiler.Reference;
using Ebsp.TestKit;
using Google.Protobuf;

namespace Ebsp.Compiler.Tests.Import;

/// <summary>
/// ONNX's own backend tests: whatever imports must compute what ONNX says, everything else must be refused with a diagnostic. Inputs
/// behind the first become constants, because the graph of the compiler has one input.
/// </summary>
[TestClass]
public sealed class BackendTests
{
    // Each must compute at least one test; those of the others have inputs of other ranks than a batch of maps or vectors.
    private static readonly string[] _covered =
    [
        "ArgMax", "AveragePool", "BatchNormalization", "Clip", "Conv", "Gemm", "GlobalAveragePool", "LogSoftmax", "LRN", "MatMul", "MaxPool", "Pad",
        "Relu", "Softmax", "Transpose",
    ];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Import_EveryBackendTest_ComputesItOrRefusesIt()
    {
        using ZipArchive zip = ZipFile.OpenRead(TestData.File("onnx-tests/onnx-backend-tests.zip"));
        Dictionary<string, int> computed = [];
        List<string> wrong = [];
        int tests = 0, refused = 0;
        foreach (ZipArchiveEntry entry in zip.Entries.Where(e => e.FullName.EndsWith("/model.onnx", StringComparison.Ordinal)))
        {
            tests++;
            string folder = entry.FullName[..^"model.onnx".Length];
            ModelProto model = ModelProto.Parser.ParseFrom(Bytes(entry));
            try
            {
                if (Run(zip, folder, model) is { } difference)
                    wrong.Add($"{folder}: {difference}");
                foreach (string type in model.Graph.Node.Select(node => node.OpType).Distinct())
                    computed[type] = computed.GetValueOrDefault(type) + 1;
            }
            catch (EbspException)
            {
                refused++;
            }
        }

        TestContext.WriteLine($"{tests} tests, {refused} refused, computed: {string.Join(", ", computed.OrderBy(p => p.Key).Select(p => $"{p.Key} {p.Value}"))}");
        Assert.IsEmpty(wrong, string.Join('\n', wrong));
        Assert.IsGreaterThan(200, tests);
        CollectionAssert.AreEqual(Array.Empty<string>(), _covered.Except(computed.Keys).ToArray());
    }

    private static string? Run(ZipArchive zip, string folder, ModelProto model)
    {
        GraphProto graph = model.Graph;
        TensorProto[] inputs = [.. Enumerable.Range(0, 100).Select(i => zip.GetEntry($"{folder}test_data_set_0/input_{i}.pb")).TakeWhile(e => e is not null)
            .Select(e => TensorProto.Parser.ParseFrom(Bytes(e!)))];
        ValueInfoProto[] free = [.. graph.Input.Where(input => graph.Initializer.All(t => t.Name != input.Name))];
        for (int i = 1; i < free.Length && i < inputs.Length; i++)
        {
            TensorProto constant = inputs[i].Clone();
            constant.Name = free[i].Name;
            graph.Initializer.Add(constant);
        }

        Graph imported = OnnxImporter.Import(model.ToByteArray());
        TensorProto input = inputs[0];
        if (input.DataType != 1)
            throw new EbspException(new Diagnostic("", null, null, "not a float32 input", ""));
        float[] images = OnnxConstant.Read(input, null).Floats!;
        OnnxConstant output = OnnxConstant.Read(TensorProto.Parser.ParseFrom(Bytes(zip.GetEntry($"{folder}test_data_set_0/output_0.pb")!)), null);
        float[] actual = FloatInterpreter.RunAll(imported, images, 1);
        // An arg-max gives 1 for the class that ONNX names by its number.
        if (output.Integers is { } classes)
            return actual.Chunk(actual.Length / classes.Length).Select(scores => (long)Array.IndexOf(scores, 1)).SequenceEqual(classes) ? null : "other classes";
        float[] expected = output.Floats!;
        if (actual.Length != expected.Length)
            return $"{actual.Length} values instead of {expected.Length}";
        for (int i = 0; i < actual.Length; i++)
        {
            if (!(Math.Abs(actual[i] - expected[i]) <= 1e-4 + 2e-3 * Math.Abs(expected[i])))
                return $"value {i} is {actual[i]} instead of {expected[i]}";
        }

        return null;
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
