using System.Diagnostics;
using System.Security.Cryptography;
using Ebsp.TestKit;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>Builds that end in the middle.</summary>
[TestClass]
public sealed class InterruptionTests
{
    [TestMethod]
    public void Build_KilledAnywhere_IsFollowedByOneLikeACleanOne()
    {
        using Consumer consumer = new("killed");
        consumer.WithFloats().Write("other.pb", DigitsModel.Integers).Write("Program.cs", DigitsUse.Program);
        consumer.Write("killed.csproj",
            Consumer.Project("<OutputType>Exe</OutputType>", DigitsUse.FloatItem + """<EbspModel Include="other.pb" />"""));
        consumer.Run("restore").Expect(0);
        Stopwatch clock = Stopwatch.StartNew();
        consumer.Build("--no-restore").Succeeded();
        TimeSpan whole = clock.Elapsed;
        string clean = State(consumer);

        int kills = LongMode.Count(4, 100), hit = 0;
        for (int n = 0; n < kills; n++)
        {
            foreach (string folder in new[] { "bin", "obj/Debug", "obj/ebsp" })
                if (Directory.Exists(consumer.File(folder)))
                    Directory.Delete(consumer.File(folder), recursive: true);
            using Process build = consumer.Start(new Dictionary<string, string>(), "build", "--no-restore", "-nodeReuse:false");
            Task<string> output = build.StandardOutput.ReadToEndAsync(), error = build.StandardError.ReadToEndAsync();
            // Evenly over a build, its start apart, in which nothing is written.
            Thread.Sleep(whole * ((n + 1.0) / (kills + 1)));
            if (!build.HasExited)
                hit++;
            build.Kill(entireProcessTree: true);
            build.WaitForExit();
            DropFilesOfTheSdk(consumer);
            consumer.Build("--no-restore").Succeeded();
            Assert.AreEqual(clean, State(consumer));
            consumer.ExpectAnswers("bin/Debug/net10.0/killed.dll");
        }

        Assert.IsGreaterThan(kills / 2, hit, "too many builds had ended before");
    }

    // The SDK writes its own files in place: a kill can leave an empty runtimeconfig.json or half an assembly that its next build takes for
    // whole.
    private static void DropFilesOfTheSdk(Consumer consumer)
    {
        string bin = consumer.File("bin"), intermediate = consumer.File("obj/Debug/net10.0");
        if (Directory.Exists(bin))
            Directory.Delete(bin, recursive: true);
        foreach (string file in Directory.Exists(intermediate) ? Directory.GetFiles(intermediate) : [])
            File.Delete(file);
    }

    // The names of all files that stay, and the content of those that matter.
    private static string State(Consumer consumer)
    {
        string[] files =
        [
            .. Directory.GetFiles(consumer.File("obj/Debug/net10.0/ebsp"), "*", SearchOption.AllDirectories),
            .. Directory.GetFiles(consumer.File("obj/ebsp"), "*", SearchOption.AllDirectories),
            consumer.File("bin/Debug/net10.0/killed.dll"),
            consumer.File("bin/Debug/net10.0/killed.pdb"),
        ];
        // States hold file times.
        return string.Join('\n', files.Order(StringComparer.Ordinal).Select(file => Path.GetRelativePath(consumer.Folder, file) + " " +
            (file.EndsWith(".json", StringComparison.Ordinal) && !file.EndsWith(".ebspmodel.json", StringComparison.Ordinal)
                ? ""
                : Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file))))));
    }
}
