using System.Diagnostics;
using System.Security.Cryptography;
using Ebsp.TestKit;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>Projects with three frameworks: one compile a model, and the same bytes however the builds meet.</summary>
[TestClass]
public sealed class FrameworkTests
{
    private static readonly string[] Frameworks = ["net8.0", "net9.0", "net10.0"];

    [TestMethod]
    public void ThreeFrameworks_ParallelAndSimultaneousBuilds_CompileOnceToEqualFiles()
    {
        using Consumer consumer = new("frameworks");
        consumer.Write("one.pb", DigitsUse.IntegerVariant('1')).Write("two.pb", DigitsUse.IntegerVariant('2'));
        consumer.Write("Use.cs",
            "public static class Use { public static int Classes => OneModel.OutputChannels + TwoModel.OutputChannels; }");
        consumer.Write("frameworks.csproj",
            Consumer.Project("", """<EbspModel Include="one.pb;two.pb" />""", string.Join(';', Frameworks)));
        consumer.Run("restore").Expect(0);

        HashSet<string> digests = [];
        for (int n = 0; n < LongMode.Count(2, 20); n++)
        {
            CleanAll(consumer);
            BuildLog log = consumer.Build("-m:8", "--no-restore").Succeeded().Log;
            CollectionAssert.AreEquivalent(new[] { "one.pb", "two.pb" }, log.Compiled.ToArray());
            Assert.AreEqual(Frameworks.Length, log.CompilerRuns);
            digests.Add(Digest(consumer));
        }

        for (int n = 0; n < LongMode.Count(1, 20); n++)
        {
            CleanAll(consumer);
            (string Log, Process Process)[] builds =
            [
                .. Frameworks.Select(framework => (consumer.NextLog(), framework)).Select(build =>
                    (build.Item1, consumer.Start(new Dictionary<string, string>(), "build", "--no-restore", "-nodeReuse:false", "-f",
                        build.framework, "-bl:" + build.Item1))),
            ];
            ProcessResult[] results =
                [.. builds.AsParallel().WithDegreeOfParallelism(Frameworks.Length).Select(build => DotNet.Finish(build.Process))];
            foreach (ProcessResult result in results)
                result.Expect(0);
            CollectionAssert.AreEquivalent(new[] { "one.pb", "two.pb" },
                builds.SelectMany(build => BuildLog.Read(build.Log).Compiled).ToArray(),
                "the store lets one of three builds compile a model");
            digests.Add(Digest(consumer));
        }

        Assert.HasCount(1, digests);
    }

    // What a fresh clone has after restore: the project's assets and nothing built.
    private static void CleanAll(Consumer consumer)
    {
        foreach (string folder in new[] { "bin", "obj/Debug", "obj/ebsp" })
            if (Directory.Exists(consumer.File(folder)))
                Directory.Delete(consumer.File(folder), recursive: true);
    }

    private static string Digest(Consumer consumer)
    {
        string[] files =
        [
            .. Frameworks.Select(framework => Path.Combine("bin/Debug", framework, "frameworks.dll")),
            .. Frameworks.Select(framework => Path.Combine("bin/Debug", framework, "frameworks.pdb")),
            .. Frameworks.SelectMany(framework =>
                new[] { "*.ebsp", "*.ebspmodel.json" }.SelectMany(pattern =>
                Directory.GetFiles(consumer.File($"obj/Debug/{framework}/ebsp"), pattern).Order(StringComparer.Ordinal))),
        ];
        Assert.HasCount(Frameworks.Length * 6, files);
        return string.Join('\n',
            files.Select(file => $"{Path.GetFileName(file)} " +
                $"{Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(consumer.File(file))))}"));
    }
}
