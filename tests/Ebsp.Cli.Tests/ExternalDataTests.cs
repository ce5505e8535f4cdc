using Ebsp.Compiler.Protos.Onnx;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;
using Google.Protobuf;

namespace Ebsp.Cli.Tests;

/// <summary>A network whose weights lie beside it is the same network.</summary>
[TestClass]
public sealed class ExternalDataTests
{
    [TestMethod]
    public void Import_WeightsBesideTheModel_GiveTheSameGraphAndAreRecorded()
    {
        using TemporaryFolder folder = new();
        ModelProto model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(DigitsModel.Onnx));
        using MemoryStream weights = new();
        foreach (TensorProto tensor in model.Graph.Initializer.Where(tensor => tensor.RawData.Length > 0))
        {
            tensor.DataLocation = 1;
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "digits.data" });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = $"{weights.Length}" });
            tensor.ExternalData.Add(new StringStringEntryProto { Key = "length", Value = $"{tensor.RawData.Length}" });
            tensor.RawData.WriteTo(weights);
            tensor.RawData = ByteString.Empty;
        }

        folder.Write("digits.data", weights.ToArray());
        string path = folder.Write("digits.onnx", model.ToByteArray());
        CliResult result = Ebspc.Run("import", path, "-o", folder.File("apart.pb"), "--json").Expect(0);
        Ebspc.Run("import", DigitsModel.Onnx, "-o", folder.File("whole.pb")).Expect(0);
        CollectionAssert.AreEqual(File.ReadAllBytes(folder.File("whole.pb")), File.ReadAllBytes(folder.File("apart.pb")));
        CollectionAssert.AreEqual(new[] { path, folder.File("digits.data") },
            result.Json["inputs"]!.AsArray().Select(input => (string)input!["file"]!).ToArray());
        File.Delete(folder.File("digits.data"));
        Assert.Contains("error EBSP1008", Ebspc.Run("import", path, "-o", folder.File("none.pb")).Expect(3).Error);
    }
}
