using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Protos.Onnx;
using Ebsp.TestKit;
using Google.Protobuf;
using static Ebsp.Compiler.Tests.Import.OnnxModels;

namespace Ebsp.Compiler.Tests.Import;

/// <summary>Damaged, foreign and malicious files: one exception type, a code, and no large allocation.</summary>
[TestClass]
public sealed class HostileModelTests
{
    [TestMethod]
    public void Import_ForeignFiles_AreNamed()
    {
        using MemoryStream zipped = new();
        using (GZipStream gzip = new(zipped, CompressionMode.Compress, leaveOpen: true))
            gzip.Write(Small());
        Named("an empty file", []);
        Named("a text file", "hello world"u8.ToArray());
        Named("a text file", [0xEF, 0xBB, 0xBF, .. "hello"u8]);
        Named("a text file in UTF-16", Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes("x")).ToArray());
        Named("an HTML page", "\n<!DOCTYPE html><html>"u8.ToArray());
        Named("a JSON file", "{\"a\":1}"u8.ToArray());
        Named("a gzip archive", zipped.ToArray());
        Named("a TFLite model", [0x1C, 0, 0, 0, .. "TFL3"u8, 0, 0]);
        Named("a safetensors file", [2, 0, 0, 0, 0, 0, 0, 0, .. "{}"u8]);
        Named("a zip archive (a PyTorch checkpoint is one)", [.. "PK"u8, 3, 4, 20, 0]);
        Named("a Python pickle (an old PyTorch checkpoint is one)", [0x80, 2, 0x8A, 10]);
        Named("a NumPy array", [0x93, .. "NUMPY"u8, 1, 0]);

        static void Named(string kind, byte[] bytes)
        {
            Diagnostic diagnostic = Refusal(bytes).Single();
            Assert.AreEqual(("EBSP1002", $"this is {kind}, not an ONNX model or an EBSP .pb file."), (diagnostic.Code, diagnostic.Cause));
        }
    }

    [TestMethod]
    public void Import_TruncatedAtAnyByte_IsRefusedOrTheSameModel()
    {
        byte[] bytes = Small();
        for (int length = 0; length < bytes.Length; length++)
            Refusal(bytes[..length]);
    }

    [TestMethod]
    public void Import_AnyByteChanged_EndsInOneWay()
    {
        byte[] bytes = Small();
        Random random = new(7);
        int refused = 0;
        for (int round = 0; round < LongMode.Count(4_000, 200_000); round++)
        {
            byte[] mutant = [.. bytes];
            for (int change = random.Next(1, 4); change > 0; change--)
                mutant[random.Next(mutant.Length)] = random.Next(3) == 0
                    ? (byte)random.Next(256)
                    : (byte)(mutant[random.Next(mutant.Length)] ^ 1 << random.Next(8));
            try
            {
                OnnxImporter.Import(mutant);
            }
            catch (EbspException)
            {
                refused++;
            }
        }

        Assert.IsGreaterThan(1_000, refused);
    }

    [TestMethod]
    public void Import_NestingOf65_IsRefused()
    {
        Assert.Contains("nested", Refusal(Nested(70)).Single().Cause);
        Assert.Contains("nested", Refusal(Nested(10_000)).Single().Cause);
        Assert.AreNotEqual("EBSP1004", Refusal(Nested(20))[0].Code);

        // Graph > node > attribute > graph > ...
        static byte[] Nested(int depth)
        {
            byte[] inner = [];
            for (int level = depth; level > 0; level--)
                inner = Field(level == 1 ? 7 : (level % 3) switch { 2 => 1, 0 => 5, _ => 6 }, inner);
            return [0x08, 8, .. inner];
        }
    }

    [TestMethod]
    public void Import_HugeLengthPrefix_IsRefusedWithoutAllocation()
    {
        byte[] bytes = [0x08, 8, 0x3A, 0xFC, 0xFF, 0xFF, 0xFF, 0x07, 0, 0];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("leaves the enclosing message", Refusal(bytes).Single().Cause);
        Assert.IsLessThan(1_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [TestMethod]
    public void Import_MillionsOfEmptyNodes_AreRefusedWithoutBuildingThem()
    {
        byte[] nodes = new byte[16 << 20];
        for (int i = 0; i < nodes.Length; i += 2)
            nodes[i] = 0x0A;
        byte[] bytes = [0x08, 8, .. Field(7, nodes)];
        long before = GC.GetAllocatedBytesForCurrentThread();
        Stopwatch watch = Stopwatch.StartNew();
        Assert.AreEqual("EBSP1004", Refusal(bytes).Single().Code);
        Assert.IsLessThan(1_000_000, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.IsLessThan(5, watch.Elapsed.TotalSeconds);
    }

    [TestMethod]
    public void Import_MalformedFields_AreRefusedAtTheirByte()
    {
        Malformed("field number 0", [0x08, 8, 0x00, 0]);
        Malformed("there twice", [0x08, 8, 0x08, 8]);
        Malformed("has wire type 2", [0x0A, 1, 8]);
        Malformed("more than 64 bits", [0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]);
        Malformed("groups", [0x08, 8, 0xA3, 0x06]);
        Malformed("ends within a number", [0x08, 0x80]);
        Malformed("is not UTF-8", [0x08, 8, .. Field(2, [0xC3, 0x28])]);
        Malformed("control or direction", [0x08, 8, .. Field(2, [0x1B, (byte)'[', (byte)'m'])]);
        Malformed("control or direction", [0x08, 8, .. Field(2, "a\u202Eb"u8.ToArray())]);
        Malformed("packed", [0x08, 8, .. Field(7, Field(5, Field(4, [1, 2, 3])))]);
        Assert.Contains("names have at most", Refusal([0x08, 8, .. Field(2, [.. Enumerable.Repeat((byte)'a', 2000)])]).Single().Cause);

        static void Malformed(string cause, byte[] bytes)
        {
            Diagnostic diagnostic = Refusal(bytes).Single();
            Assert.AreEqual("EBSP1003", diagnostic.Code);
            Assert.Contains(cause, diagnostic.Cause);
        }
    }

    [TestMethod]
    public void Import_HostileTensors_AreRefused()
    {
        Invalid("dimension of -1", t => t.Dims[0] = -1);
        Invalid("dimension of 2147483648", t => t.Dims[0] = 1L << 31);
        Invalid("values where its dimensions", t => t.Dims.Add(0));
        // 4194305 * 4194305 * 211106198978564 is 4 in 64 bits.
        Invalid("dimension of 211106198978564", t => { t.Dims.Clear(); t.Dims.AddRange([4194305, 4194305, 211106198978564]); });
        Invalid("values where its dimensions", t => t.Dims[0] = 2);
        Invalid("in 2 places", t => t.RawData = ByteString.CopyFrom(1, 2, 3, 4));
        Invalid("rank 1000", t => t.Dims.AddRange(Enumerable.Repeat(1L, 996)));
        Invalid("3 bytes for 1 values", t => { t.FloatData.Clear(); t.RawData = ByteString.CopyFrom(1, 2, 3); });

        static void Invalid(string cause, Action<TensorProto> change)
        {
            ModelProto model = Model([1, 2, 2], Node("Conv", "y", "x", "w")).Floats("w", [1, 1, 1, 1], 1);
            change(model.Graph.Initializer[0]);
            Diagnostic diagnostic = model.Refusal().Single();
            Assert.AreEqual(("EBSP1007", "w"), (diagnostic.Code, diagnostic.Node));
            Assert.Contains(cause, diagnostic.Cause);
        }
    }

    [TestMethod]
    public void Import_HostileGraphs_AreRefused()
    {
        Cause("EBSP1007", "made by no node before it", Model([4], Node("Relu", "y", "y")));
        Cause("EBSP1007", "made by no node before it", Model([4], Node("Relu", "y", "a"), Node("Relu", "a", "x")));
        Cause("EBSP1007", "made twice", Model([4], Node("Relu", "y", "x"), Node("Relu", "y", "x")));
        Cause("EBSP1007", "two constants", Model([4], Node("Relu", "y", "x")).Floats("c", [1], 1).Floats("c", [1], 1));
        Cause("EBSP1006", "ai.onnx 0", Model([4], Node("Relu", "y", "x")).Opset(0));
        Cause("EBSP1006", "ai.onnx 99", Model([4], Node("Relu", "y", "x")).Opset(99));
        Cause("EBSP1009", "0 outputs", Changed(m => m.Graph.Output.Clear()));
        Cause("EBSP1009", "2 inputs", Changed(m => m.Graph.Input.Add(new ValueInfoProto { Name = "z" })));
        Cause("EBSP1009", "not cast to float32", Changed(m => m.Graph.Input[0].Type.TensorType.ElemType = 7));
        Cause("EBSP1009", "has shape", Changed(m => m.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = -3));
        Cause("EBSP1009", "is not computed", Changed(m => m.Graph.Output[0].Name = "x"));
        Cause("EBSP1007", "IR version 0", Changed(m => m.IrVersion = 0));
        Cause("EBSP1007", "named twice", Changed(m => m.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 13 })));
        Cause("EBSP1007", "functions", Changed(m => m.Functions.Add(new FunctionProto())));
        Cause("EBSP1007", "no graph", Changed(m => m.Graph = null));
        Cause("EBSP2003", "weight 0 is NaN", Model([1, 2, 2], Node("Conv", "y", "x", "w")).Floats("w", [1, 1, 1, 1], float.NaN));
        Cause("EBSP1005", "would make",
            Model([1, 2, 2], Node("Pad", "y", "x", "p")).Integers("p", 0, 1 << 28, 1 << 28, 1 << 28, 0, 0, 0, 0));
        Cause("EBSP1005", "does not fit", Model([1, 2, 2], Node("MaxPool", "y", "x").With("kernel_shape", 3, 3)));
        Cause("EBSP1004", "an input of shape", Model([int.MaxValue, int.MaxValue, int.MaxValue], Node("Relu", "y", "x")));

        static ModelProto Changed(Action<ModelProto> change)
        {
            ModelProto model = Model([4], Node("Relu", "y", "x"));
            change(model);
            return model;
        }

        static void Cause(string code, string cause, ModelProto model)
        {
            Diagnostic diagnostic = model.Refusal()[0];
            Assert.AreEqual(code, diagnostic.Code, diagnostic.Cause);
            Assert.Contains(cause, diagnostic.Cause);
        }
    }

    [TestMethod]
    public void Import_ChainOfManyEqualNames_TakesLinearTime()
    {
        const int count = 100_000;
        NodeProto[] nodes = [
            .. Enumerable.Range(0, count).Select(i => Node("Relu", i == count - 1 ? "y" : $"t{i}", i == 0 ? "x" : $"t{i - 1}"))];
        foreach (NodeProto node in nodes)
            node.Name = "same";
        Stopwatch watch = Stopwatch.StartNew();
        Assert.HasCount(count, OnnxImporter.Import(Model([4], nodes).ToByteArray()).Nodes);
        Assert.IsLessThan(20, watch.Elapsed.TotalSeconds);
    }

    private static byte[] Small() => Model([1, 4, 4], Node("Conv", "a", "x", "w"), Node("Relu", "y", "a"))
        .Floats("w", [2, 1, 2, 2], 1, 2, 3, 4, 5, 6, 7, 8).ToByteArray();

    private static byte[] Field(int number, byte[] content)
    {
        using MemoryStream stream = new();
        using CodedOutputStream output = new(stream);
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(content));
        output.Flush();
        return stream.ToArray();
    }
}
