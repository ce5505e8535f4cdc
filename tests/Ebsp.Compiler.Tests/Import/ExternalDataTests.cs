using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.Compiler.Reference;
using Ebsp.TestKit;
using Google.Protobuf;
using static Ebsp.Compiler.Tests.Import.OnnxModels;

namespace Ebsp.Compiler.Tests.Import;

/// <summary>Weights in files beside the model: read from below its folder and from nowhere else.</summary>
[TestClass]
public sealed class ExternalDataTests
{
    [TestMethod]
    public void Import_WeightsBesideTheModel_AreRead()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("weights"));
        folder.Write("weights/a.bin", [9, 9, 9, 9, .. Floats(3)]);
        folder.Write("b.bin", Floats(10));
        string path = folder.Write("net.onnx", Model([1, 1, 1], Node("Conv", "c", "x", "w", "b"), Node("Relu", "y", "c"))
            .External("w", [1, 1, 1, 1], ("location", "weights/a.bin"), ("offset", "4"), ("length", "4"))
            .External("b", [1], ("location", "b.bin")).ToByteArray());
        Graph graph = OnnxImporter.Import(path);
        CollectionAssert.AreEqual(new float[] { 16 }, FloatInterpreter.RunAll(graph, new float[] { 2 }, 1));
        ImportReport report = OnnxImporter.Check(path);
        CollectionAssert.AreEqual(new[] { "weights/a.bin", "b.bin" }, report.ExternalFiles.Select(file => file.Location).ToArray());
        Assert.AreEqual(8, report.ExternalFiles[0].Bytes);
    }

    [TestMethod]
    public void SourceSha256_OtherWeights_IsAnother()
    {
        using TemporaryFolder folder = new();
        string path = folder.Write("net.onnx", One(("location", "w.bin")));
        folder.Write("w.bin", Floats(1));
        string before = OnnxImporter.Check(path).SourceSha256("model"), again = OnnxImporter.Check(path).SourceSha256("model");
        folder.Write("w.bin", Floats(2));
        Assert.AreEqual(before, again);
        Assert.AreNotEqual(before, OnnxImporter.Check(path).SourceSha256("model"));
        Assert.AreEqual("model", OnnxImporter.Check(Model([4], Node("Relu", "y", "x")).ToByteArray()).SourceSha256("model"));
    }

    [TestMethod]
    [DataRow("../w.bin")]
    [DataRow("sub/../../w.bin")]
    [DataRow("sub/../w.bin")]
    [DataRow("./w.bin")]
    [DataRow("sub//w.bin")]
    [DataRow("/etc/passwd")]
    [DataRow("..\\w.bin")]
    [DataRow("C:\\w.bin")]
    [DataRow("C:w.bin")]
    [DataRow("file:w.bin")]
    [DataRow("w.bin\0.txt")]
    [DataRow("\u0085w.bin")]
    [DataRow("")]
    [DataRow("sub/")]
    [DataRow(".")]
    [DataRow("..")]
    public void Import_PathOutOfTheFolder_IsRefused(string location)
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("inner/sub"));
        folder.Write("w.bin", Floats(1));
        folder.Write("inner/w.bin", Floats(1));
        Refused("is not a path below", folder.Write("inner/net.onnx", One(("location", location))));
    }

    [TestMethod]
    public void Import_SymbolicLinks_AreRefused()
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.File("outside"));
        Directory.CreateDirectory(folder.File("inner"));
        folder.Write("outside/w.bin", Floats(1));
        File.CreateSymbolicLink(folder.File("inner/w.bin"), folder.File("outside/w.bin"));
        Directory.CreateSymbolicLink(folder.File("inner/sub"), folder.File("outside"));
        Refused("symbolic link", folder.Write("inner/a.onnx", One(("location", "w.bin"))));
        Refused("symbolic link", folder.Write("inner/b.onnx", One(("location", "sub/w.bin"))));
    }

    [TestMethod]
    public void Import_WrongPlaceWithinTheFile_IsRefused()
    {
        using TemporaryFolder folder = new();
        folder.Write("w.bin", [1, 2, 3, 4, 5, 6]);
        folder.Write("empty.bin", []);
        Refused("is not beside the model", Write(("location", "absent.bin")));
        Refused("is empty", Write(("location", "empty.bin")));
        Refused("no location", Write(("length", "4")));
        Refused("which has 6", Write(("location", "w.bin"), ("offset", "3")));
        Refused("which has 6", Write(("location", "w.bin"), ("offset", "2147483648")));
        Refused("no number of bytes", Write(("location", "w.bin"), ("offset", "-1")));
        Refused("no number of bytes", Write(("location", "w.bin"), ("offset", "9223372036854775807")));
        Refused("no number of bytes", Write(("location", "w.bin"), ("length", "4.0")));
        Refused("5 bytes where", Write(("location", "w.bin"), ("length", "5")));
        Refused("not known", Write(("location", "w.bin"), ("__class__", "x")));
        Refused("there twice", Write(("location", "w.bin"), ("location", "w.bin")));

        string Write(params (string, string)[] entries) => folder.Write("net.onnx", One(entries));
    }

    [TestMethod]
    public void Import_ModelGivenAsBytes_HasNoFolder() =>
        Assert.Contains("given as bytes", Refusal(One(("location", "w.bin"))).Single().Cause);

    [TestMethod]
    public void Import_AbsentFileOfManyTensors_IsNamedOnce()
    {
        using TemporaryFolder folder = new();
        ModelProto model = Model([1, 1, 1], Node("Conv", "y", "x", "w", "b"))
            .External("w", [1, 1, 1, 1], ("location", "w.bin")).External("b", [1], ("location", "w.bin"));
        Refused("is not beside the model", folder.Write("net.onnx", model.ToByteArray()));
    }

    [TestMethod]
    public void Import_ManyTensorsOfTheSameBytes_AreBounded()
    {
        using TemporaryFolder folder = new();
        File.WriteAllBytes(folder.File("w.bin"), new byte[16 << 20]);
        NodeProto[] nodes = [
            .. Enumerable.Range(0, 8).Select(i => Node("Gemm", i == 7 ? "y" : $"t{i}", i == 0 ? "x" : $"t{i - 1}", $"w{i}"))];
        ModelProto model = Model([2048], nodes);
        for (int i = 0; i < 8; i++)
            model.External($"w{i}", [2048, 2048], ("location", "w.bin"));
        Assert.AreEqual("EBSP1004", OnnxImporter.Check(folder.Write("net.onnx", model.ToByteArray())).Diagnostics[0].Code);
    }

    private static byte[] One(params (string Key, string Value)[] entries) =>
        Model([1, 1, 1], Node("Conv", "y", "x", "w")).External("w", [1, 1, 1, 1], entries).ToByteArray();

    private static void Refused(string cause, string path)
    {
        Diagnostic diagnostic = OnnxImporter.Check(path).Diagnostics.Single();
        Assert.AreEqual(("EBSP1008", "w"), (diagnostic.Code, diagnostic.Node));
        Assert.Contains(cause, diagnostic.Cause);
    }

    private static byte[] Floats(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];
}
