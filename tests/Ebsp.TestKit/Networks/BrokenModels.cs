using System.IO.Compression;
using System.Text;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;
using Google.Protobuf;
using Wire = Ebsp.Compiler.Protos.Ir;

namespace Ebsp.TestKit.Networks;

/// <summary>A model that no build takes, and what it is told.</summary>
/// <param name="File">Name of the file.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Code">Code of the diagnostic.</param>
/// <param name="Says">Words of its cause.</param>
public sealed record BrokenModel(string File, byte[] Content, string Code, string Says)
{
    /// <summary>Options beside the model as item metadata, option of the command line and the value: a name of <see cref="Beside"/>, or a
    /// word.</summary>
    public (string Metadata, string Option, string Value)[] Options { get; init; } = [];

    /// <summary>A file beside the model, or null.</summary>
    public (string Name, byte[] Content)? Beside { get; init; }

    /// <summary>Name of the file that the diagnostic is about.</summary>
    public string About { get; init; } = File;

    /// <summary>The arguments of compile for the model in a folder, the output apart.</summary>
    public string[] Arguments(string folder) =>
        ["compile", Path.Combine(folder, File),
        .. Options.SelectMany(option =>
        new[] { option.Option, option.Value == Beside?.Name ? Path.Combine(folder, option.Value) : option.Value })];

    /// <summary>Writes the model, and the file beside it.</summary>
    public void Write(string folder)
    {
        System.IO.File.WriteAllBytes(Path.Combine(folder, File), Content);
        if (Beside is { } beside)
            System.IO.File.WriteAllBytes(Path.Combine(folder, beside.Name), beside.Content);
    }
}

/// <summary>The kinds of files that people take for models, and models that are damaged or do not fit.</summary>
public static class BrokenModels
{
    private const int Seed = 2022;

    /// <summary>One of each kind, with names that differ.</summary>
    public static IReadOnlyList<BrokenModel> All { get; } =
    [
        new("truncated.onnx", File.ReadAllBytes(DigitsModel.Onnx)[..^1000], "EBSP1003", "leaves the enclosing message"),
        new("truncated.pb", DigitsModel.Integers[..^1000], "EBSP1003", "leaves the enclosing message"),
        new("random.onnx", Random(), "EBSP1003", "at byte "),
        new("empty.onnx", [], "EBSP1002", "an empty file"),
        new("words.pb", "Here the model should be.\n"u8.ToArray(), "EBSP1002", "a text file"),
        new("graphdef.pb", GraphDef(), "EBSP1002", "a TensorFlow graph"),
        new("saved_model.pb", SavedModel(), "EBSP1002", "a TensorFlow SavedModel"),
        new("lite.onnx", [0x1C, 0, 0, 0, .. "TFL3"u8, .. new byte[64]], "EBSP1002", "a TFLite model"),
        new("tensors.onnx", [.. BitConverter.GetBytes(64L),
            .. Encoding.ASCII.GetBytes("""{"fc":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""".PadRight(64)), .. new byte[4]],
            "EBSP1002", "a safetensors file"),
        new("torch.onnx", Zip(), "EBSP1002", "a PyTorch checkpoint"),
        new("operators.onnx", Operators(), "EBSP1005", "is not supported"),
        new("pattern.pb", OffThePattern(), "EBSP2003", "is not a value of"),
        new("program.pb", DigitsModel.Program, "EBSP7102", "an .ebsp program"),
        new("future.pb", Future(), "EBSP1010", "format version 2"),
        new("external.onnx", External(), "EBSP1008", "digits.data"),
        new("shape.onnx", File.ReadAllBytes(DigitsModel.Onnx), "EBSP7104", "1x9x9")
        {
            Options = [("Calibration", "--calibration", "nine.npy")], Beside = ("nine.npy", Npy()), About = "nine.npy",
        },
        new("classes.pb", DigitsModel.Integers, "EBSP1013", "3 class names") { Options = [("Classes", "--classes", "three.txt")],
            Beside = ("three.txt", "a\nb\nc\n"u8.ToArray()) },
    ];

    private static byte[] Random()
    {
        byte[] bytes = new byte[4096];
        new Random(Seed).NextBytes(bytes);
        return bytes;
    }

    // GraphDef { node { name: "input" op: "Placeholder" } versions { producer: 1 } }, as TensorFlow 1 wrote frozen graphs.
    private static byte[] GraphDef()
    {
        byte[] node = [0x0A, 5, .. "input"u8, 0x12, 11, .. "Placeholder"u8];
        return [0x0A, (byte)node.Length, .. node, 0x22, 2, 8, 1];
    }

    // SavedModel { saved_model_schema_version: 1 meta_graphs { meta_info_def { tags: "serve" } graph_def } }.
    private static byte[] SavedModel()
    {
        byte[] graph = [0x0A, 7, 0x22, 5, .. "serve"u8, 0x12, (byte)GraphDef().Length, .. GraphDef()];
        return [0x08, 1, 0x12, (byte)graph.Length, .. graph];
    }

    private static byte[] Zip()
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using Stream entry = zip.CreateEntry("archive/data.pkl").Open();
            entry.Write([0x80, 2, 0x7D, 0x2E]);
        }

        return stream.ToArray();
    }

    // Two operators that the machine has not, one of them twice and more.
    private static byte[] Operators()
    {
        ModelProto model = Digits();
        foreach (NodeProto node in model.Graph.Node.Where(node => node.OpType is "Relu" or "MaxPool"))
            node.OpType = node.OpType == "Relu" ? "Hardmax" : "LpPool";
        return model.ToByteArray();
    }

    private static byte[] OffThePattern()
    {
        Graph graph = GraphFile.Parse(DigitsModel.Integers);
        Node[] nodes = [.. graph.Nodes];
        int last = Array.FindLastIndex(nodes, node => node.Op is IntegerConv);
        IntegerConv conv = (IntegerConv)nodes[last].Op;
        // Bits 6 and 0: no window of at most four bits holds both.
        nodes[last] = nodes[last] with { Op = conv with { Weights = conv.Weights.SetItem(0, 65) } };
        return GraphFile.Serialize(graph with { Nodes = [.. nodes] });
    }

    private static byte[] Future()
    {
        Wire.ModelFile file = Wire.ModelFile.Parser.ParseFrom(DigitsModel.Integers);
        file.Version = GraphFile.Version + 1;
        return file.ToByteArray();
    }

    private static byte[] External()
    {
        ModelProto model = Digits();
        TensorProto tensor = model.Graph.Initializer.First(tensor => tensor.RawData.Length > 0);
        tensor.DataLocation = 1;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "digits.data" });
        tensor.RawData = ByteString.Empty;
        return model.ToByteArray();
    }

    private static byte[] Npy()
    {
        using MemoryStream stream = new();
        Compiler.Data.NpyFile.Write(stream, new Compiler.Data.NpyArray([2, 1, 9, 9], new byte[2 * 81]));
        return stream.ToArray();
    }

    private static ModelProto Digits() => ModelProto.Parser.ParseFrom(File.ReadAllBytes(DigitsModel.Onnx));
}
