using Ebsp.TestKit;
using Ebsp.TestKit.Networks;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>The first lines of the README work in a new console application.</summary>
[TestClass]
public sealed class ReadmeTests
{
    [TestMethod]
    public void FirstLines_InANewConsoleApplication_CompileAndAnswer()
    {
        string[] blocks = File.ReadAllText(TestData.Repository("README.md")).Replace("\r\n", "\n", StringComparison.Ordinal).Split("```");
        string item = Block(blocks, "xml"), code = Block(blocks, "csharp");
        using Consumer consumer = new("readme");
        consumer.Copy(DigitsModel.Onnx, "digits.onnx").Copy(DigitsModel.Calibration, "digits-calibration.csv.gz");
        consumer.Write("readme.csproj", Consumer.Project("<OutputType>Exe</OutputType>", item));
        consumer.Write("Program.cs", $"byte[] pixels = new byte[64];\n{code}\nConsole.WriteLine($\"class {{answer.Class}}\");\n");
        consumer.Build().Succeeded();
        StringAssert.Matches(consumer.Run("exec", "bin/Debug/net10.0/readme.dll").Expect(0).Out, new("^class [0-9]"));
    }

    private static string Block(string[] blocks, string language) =>
        blocks.First(block => block.StartsWith(language + "\n", StringComparison.Ordinal))[(language.Length + 1)..];
}
