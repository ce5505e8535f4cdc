using System.IO.Compression;
using Ebsp.Compiler.Import.ConstantFolding;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Import;

/// <summary>One of ONNX's own backend tests: a model, inputs and what it must compute.</summary>
internal sealed record BackendModel(string Name, byte[] Bytes, TensorProto[] Inputs, TensorProto[] Outputs)
{
    /// <summary>The model, parsed anew.</summary>
    public ModelProto Model => ModelProto.Parser.ParseFrom(Bytes);

    /// <summary>All tests of the data folder.</summary>
    public static IEnumerable<BackendModel> ReadAll()
    {
        using ZipArchive zip = Zip();
        foreach (ZipArchiveEntry entry in zip.Entries.Where(e => e.FullName.EndsWith("/model.onnx", StringComparison.Ordinal)))
        {
            string folder = entry.FullName[..^"/model.onnx".Length];
            yield return new BackendModel(folder, Read(entry), Tensors(zip, $"{folder}/test_data_set_0/input_"),
                Tensors(zip, $"{folder}/test_data_set_0/output_"));
        }
    }

    /// <summary>The zip file of the tests.</summary>
    public static ZipArchive Zip() => ZipFile.OpenRead(TestData.File("onnx-tests/onnx-backend-tests.zip"));

    /// <summary>All bytes of an entry.</summary>
    public static byte[] Read(ZipArchiveEntry entry)
    {
        using Stream stream = entry.Open();
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Where two results differ by more than ONNX's tolerance, or null.</summary>
    public static string? Difference(IReadOnlyList<double> actual, HostTensor expected)
    {
        double[] values = expected.ToDoubles();
        if (actual.Count != values.Length)
            return $"{actual.Count} values instead of {values.Length}";
        for (int i = 0; i < values.Length; i++)
        {
            bool isEqual = actual[i] == values[i] || double.IsNaN(actual[i]) && double.IsNaN(values[i]);
            if (!isEqual && !(Math.Abs(actual[i] - values[i]) <= 1e-4 + 2e-3 * Math.Abs(values[i])))
                return $"value {i} is {actual[i]} instead of {values[i]}";
        }

        return null;
    }

    private static TensorProto[] Tensors(ZipArchive zip, string prefix) =>
        [.. Enumerable.Range(0, 100).Select(i => zip.GetEntry($"{prefix}{i}.pb")).TakeWhile(e => e is not null)
            .Select(e => TensorProto.Parser.ParseFrom(Read(e!)))];
}
