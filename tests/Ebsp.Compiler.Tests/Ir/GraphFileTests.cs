using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.TestKit;
using Ebsp.TestKit.Networks;

namespace Ebsp.Compiler.Tests.Ir;

[TestClass]
public sealed class GraphFileTests
{
    [TestMethod]
    public void Parse_Serialized_IsTheSameGraphAndTheSameBytes()
    {
        foreach (Graph graph in new[] { GraphSamples.Float(), GraphSamples.Integer() })
        {
            byte[] bytes = GraphFile.Serialize(graph);
            Graph read = GraphFile.Parse(bytes);
            Assert.AreEqual(GraphPrinter.Print(graph), GraphPrinter.Print(read));
            Assert.AreEqual(graph.Preprocessing.ToString(), read.Preprocessing.ToString());
            CollectionAssert.AreEqual(graph.Preprocessing.Mean, read.Preprocessing.Mean);
            CollectionAssert.AreEqual(graph.Labels, read.Labels);
            Assert.AreEqual(graph.InputEncoding, read.InputEncoding);
            foreach ((string tensor, TensorType type) in graph.Types)
                Assert.AreEqual(type, read.TypeOf(tensor));
            CollectionAssert.AreEqual(bytes, GraphFile.Serialize(read));
        }
    }

    [TestMethod]
    public void Parse_TruncatedAtAnyByte_IsRefused()
    {
        foreach (byte[] bytes in new[] { GraphFile.Serialize(GraphSamples.Float()), GraphFile.Serialize(GraphSamples.Integer()) })
        {
            for (int length = 0; length < bytes.Length; length++)
                Assert.ThrowsExactly<EbspException>(() => GraphFile.Parse(bytes.AsSpan(0, length)), $"{length} bytes");
        }
    }

    [TestMethod]
    public void Parse_AnyBitFlipped_IsRefused()
    {
        byte[] bytes = GraphFile.Serialize(GraphSamples.Integer());
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.ThrowsExactly<EbspException>(() => GraphFile.Parse(bytes), $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [TestMethod]
    public void Parse_TrailingBytes_AreRefused() =>
        Assert.ThrowsExactly<EbspException>(() => GraphFile.Parse([.. GraphFile.Serialize(GraphSamples.Integer()), 0x30, 1]));

    [TestMethod]
    public void Parse_MutatedPayloadWithMatchingChecksum_EndsInOneWay()
    {
        foreach (Graph graph in new[] { GraphSamples.Float(), GraphSamples.Integer() })
        {
            Protos.Ir.ModelFile file = Protos.Ir.ModelFile.Parser.ParseFrom(GraphFile.Serialize(graph));
            byte[] payload = file.Payload.ToByteArray();
            Random random = new(3);
            int refused = 0, rounds = LongMode.Count(5_000, 100_000);
            for (int round = 0; round < rounds; round++)
            {
                byte[] mutant = [.. payload];
                mutant[random.Next(mutant.Length)] ^= (byte)(1 << random.Next(8));
                if (round % 4 == 0)
                    mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
                file.Payload = Google.Protobuf.ByteString.CopyFrom(mutant);
                file.Sha256 = Google.Protobuf.ByteString.CopyFrom(System.Security.Cryptography.SHA256.HashData(mutant));
                try
                {
                    Assert.IsEmpty(Verifier.Check(GraphFile.Parse(Google.Protobuf.MessageExtensions.ToByteArray(file))));
                }
                catch (EbspException)
                {
                    refused++;
                }
            }

            Assert.IsGreaterThan(rounds / 10, refused);
        }
    }

    [TestMethod]
    public void Write_ThenRead_GivesTheGraphAndLeavesNoOtherFile()
    {
        using TemporaryFolder folder = new();
        string path = folder.File("net.pb");
        GraphFile.Write(GraphSamples.Float(), path);
        GraphFile.Write(GraphSamples.Integer(), path);
        Assert.AreEqual(GraphPrinter.Print(GraphSamples.Integer()), GraphPrinter.Print(ModelReader.Read(path)));
        Assert.HasCount(1, Directory.GetFiles(folder.FullName));
    }

    [TestMethod]
    public void Write_NoSuchFolder_IsRefused()
    {
        EbspException e = Assert.ThrowsExactly<EbspException>(() => GraphFile.Write(GraphSamples.Float(), "/no/such/folder/net.pb"));
        Assert.AreEqual("EBSP1011", e.Diagnostics[0].Code);
    }

    [TestMethod]
    public void Read_OnnxOrPb_IsToldApartByContent()
    {
        using TemporaryFolder folder = new();
        Graph graph = Networks.Import("mnist-8");
        GraphFile.Write(graph, folder.File("model.bin"));
        Assert.AreEqual(GraphPrinter.Print(graph), GraphPrinter.Print(ModelReader.Read(folder.File("model.bin"))));
        Assert.AreEqual(GraphPrinter.Print(graph), GraphPrinter.Print(ModelReader.Read(TestData.File("models/mnist-8.onnx"))));
        Assert.AreEqual("EBSP1001", Assert.ThrowsExactly<EbspException>(() => ModelReader.Read(folder.File("absent"))).Diagnostics[0].Code);
    }

    [TestMethod]
    public void Print_Sample_ShowsTypesAndAbbreviatesArrays()
    {
        string text = GraphPrinter.Print(GraphSamples.Integer());
        Assert.Contains("  x: u6(3)[2x4x4] * 0.25 = input\n", text);
        Assert.Contains("  add: s8[3x3x3] * 0.25 = Requantize[m {1000, -1000, 2147483647}, mb -77", text);
        Assert.Contains("LookUp[256#", text);
        Assert.Contains("  output scores, then LogSoftmax\n", text);
    }
}
