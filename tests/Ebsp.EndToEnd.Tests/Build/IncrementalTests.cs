using System.Text.Json.Nodes;
using Ebsp.Isa.Machine;
using Ebsp.TestKit.Networks;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>What is compiled again after which change, in one project with eight models.</summary>
[TestClass]
public sealed class IncrementalTests
{
    private static readonly string[] Models = ["m0.pb", "m1.pb", "m2.pb", "m3.pb", "m4.pb", "m5.pb", "m6.onnx", "m7.onnx"];

    private static readonly ArchSpec Machine = ArchPresets.Default with { Name = "own" };

    private readonly Dictionary<string, string> metadata = new()
    {
        ["m0.pb"] = "Optimize=\"cycles\"",
        ["m1.pb"] = "Optimize=\"cycles\"",
        ["m2.pb"] = "Arch=\"machine.json\"",
        ["m3.pb"] = "Arch=\"machine.json\"",
        ["m4.pb"] = "",
        ["m5.pb"] = "",
        ["m6.onnx"] = "Scale=\"1/16\" Calibration=\"digits-calibration.csv.gz\"",
        ["m7.onnx"] = "Scale=\"1/16\" Calibration=\"other.csv.gz\"",
    };

    private string properties = "";
    private string comment = "";
    private string[] arguments = [];

    [TestMethod]
    public void Build_AfterEveryKindOfChange_CompilesTheAffectedModelsAlone()
    {
        using Consumer consumer = new("incremental");
        foreach (string model in Models)
            consumer.Write(model, model.EndsWith(".pb", StringComparison.Ordinal)
                ? DigitsUse.IntegerVariant(model[1])
                : DigitsUse.FloatVariant(model[1]));
        consumer.Copy(DigitsModel.Calibration, "digits-calibration.csv.gz").Copy(DigitsModel.Calibration, "other.csv.gz");
        consumer.Write("machine.json", ArchJson.Write(Machine));
        consumer.Write("Program.cs", "foreach (object model in new object[] { M0Model.Load(), M7Model.Load() }) Console.WriteLine(model);");

        Expect(consumer, compilerRuns: 1, Models);
        Expect(consumer, compilerRuns: 0);

        // A change and back: the store keeps current entries only, so each direction compiles.
        byte[] older = File.ReadAllBytes(consumer.File("m4.pb"));
        DateTime time = File.GetLastWriteTimeUtc(consumer.File("m4.pb"));
        consumer.Write("m4.pb", DigitsUse.IntegerVariant('x'));
        Expect(consumer, compilerRuns: 1, "m4.pb");
        consumer.Write("m4.pb", older);
        File.SetLastWriteTimeUtc(consumer.File("m4.pb"), time.AddDays(-1));
        Expect(consumer, compilerRuns: 1, "m4.pb");

        // Equal content at another time: hashed, not compiled.
        File.SetLastWriteTimeUtc(consumer.File("m4.pb"), time);
        Expect(consumer, compilerRuns: 0);

        metadata["m5.pb"] = "Batch=\"2\"";
        Expect(consumer, compilerRuns: 1, "m5.pb");

        properties = "<EbspOptimize>size</EbspOptimize>";
        Expect(consumer, compilerRuns: 1, Models[2..]);

        consumer.Write("machine.json", ArchJson.Write(Machine with { ClockHz = Machine.ClockHz / 2 }));
        Expect(consumer, compilerRuns: 1, "m2.pb", "m3.pb");

        consumer.Copy(DigitsModel.HeldOut, "other.csv.gz");
        Expect(consumer, compilerRuns: 1, "m7.onnx");

        foreach (string output in Outputs(consumer, "m1.*.ebsp"))
            File.Delete(output);
        Expect(consumer, compilerRuns: null);

        string key = (string)JsonNode.Parse(File.ReadAllText(Outputs(consumer, "m1.*.state.json").Single()))!["key"]!;
        foreach (string output in Outputs(consumer, "m1.*"))
            File.Delete(output);
        Directory.Delete(Path.Combine(Store(consumer), key), recursive: true);
        Expect(consumer, compilerRuns: null, "m1.pb");

        int entries = Directory.GetDirectories(Store(consumer)).Length;
        metadata.Remove("m3.pb");
        Expect(consumer, compilerRuns: 1);
        Assert.IsEmpty(Outputs(consumer, "m3.*"));
        Assert.HasCount(entries - 1, Directory.GetDirectories(Store(consumer)));

        comment = "<!-- nothing -->";
        Expect(consumer, compilerRuns: null);

        arguments = ["-p:EbspcPath=" + OtherTool(consumer)];
        Expect(consumer, compilerRuns: null, [.. metadata.Keys]);

        consumer.MSBuild("clean").Succeeded();
        Assert.IsFalse(Directory.Exists(consumer.File("obj/ebsp")));
        Assert.IsEmpty(Outputs(consumer, "*"));
    }

    private void Expect(Consumer consumer, int? compilerRuns, params string[] compiled)
    {
        string items = string.Concat(metadata.Select(model => $"<EbspModel Include=\"{model.Key}\" {model.Value} />\n    "));
        string project = Consumer.Project("<OutputType>Exe</OutputType>" + properties, items) + comment;
        if (!File.Exists(consumer.File("incremental.csproj")) || File.ReadAllText(consumer.File("incremental.csproj")) != project)
            consumer.Write("incremental.csproj", project);
        BuildLog log = consumer.Build([.. arguments, .. Directory.Exists(consumer.File("obj")) ? ["--no-restore"] : (string[])[]])
            .Succeeded().Log;
        CollectionAssert.AreEquivalent(compiled, log.Compiled.ToArray());
        Assert.HasCount(compiled.Length == 0 ? 0 : 1, log.Commands);
        if (compilerRuns is { } expected)
            Assert.AreEqual(expected, log.CompilerRuns);
    }

    private static string[] Outputs(Consumer consumer, string pattern)
    {
        string folder = consumer.File("obj/Debug/net10.0/ebsp");
        return Directory.Exists(folder) ? Directory.GetFiles(folder, pattern) : [];
    }

    private static string Store(Consumer consumer) => consumer.File("obj/ebsp/entries");

    // The same tool with another content, as a new version has.
    private static string OtherTool(Consumer consumer)
    {
        string tool = Path.Combine(LocalFeed.Instance.PackageFolder("Ebsp.Build"), "tools", "ebspc");
        foreach (string file in Directory.GetFiles(tool, "*", SearchOption.AllDirectories))
            consumer.Copy(file, Path.Combine("other-tool", Path.GetRelativePath(tool, file)));
        using (FileStream dll = File.Open(consumer.File("other-tool/Ebsp.Compiler.dll"), FileMode.Append))
            dll.WriteByte(0);
        return consumer.File("other-tool/ebspc.dll");
    }
}
