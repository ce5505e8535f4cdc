using System.Diagnostics;
using System.Security.Cryptography;
using Ebsp.TestKit;
using Ebsp.TestKit.Networks;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>Builds that end in the middle.</summary>
[TestClass]
public sealed class InterruptionTests
{
    private static readonly string[] OutputFolders = ["bin", "obj/Debug", "obj/ebsp"];

    [TestMethod]
    public void Build_KilledAnywhere_IsFollowedByOneLikeACleanOne()
    {
        using Consumer consumer = new("killed");
        consumer.WithFloats().Write("other.pb", DigitsModel.Integers).Write("Program.cs", DigitsUse.Program);
        consumer.Write("killed.csproj",
            Consumer.Project("<OutputType>Exe</OutputType>", DigitsUse.FloatItem + """<EbspModel Include="other.pb" />"""));
        consumer.Run("restore").Expect(0);
        consumer.Build("--no-restore").Succeeded();
        string clean = State(consumer);
        int files = WrittenFiles(consumer);

        int kills = LongMode.Count(4, 100);
        for (int n = 0; n < kills; n++)
        {
            // Spread over the build by the files that it has written, not by time: a busy machine only waits longer. A build that ended
            // before it was killed is started again and killed earlier; at 0 files it is killed at its start.
            int target = files * (n + 1) / (kills + 1);
            while (!KillBuild(consumer, target))
            {
                Assert.IsGreaterThan(0, target, "a build that was killed at its start had ended");
                target /= 2;
            }

            DropFilesOfTheSdk(consumer);
            consumer.Build("--no-restore").Succeeded();
            Assert.AreEqual(clean, State(consumer));
            consumer.ExpectAnswers("bin/Debug/net10.0/killed.dll");
        }
    }

    // Builds from nothing and kills the build as soon as it has written so many files. False if the build ended before.
    private static bool KillBuild(Consumer consumer, int files)
    {
        foreach (string folder in OutputFolders)
            if (Directory.Exists(consumer.File(folder)))
                Directory.Delete(consumer.File(folder), recursive: true);
        using Process build = consumer.Start(new Dictionary<string, string>(), "build", "--no-restore", "-nodeReuse:false");
        // Read, so that the build never waits for a full pipe.
        Task<string> output = build.StandardOutput.ReadToEndAsync(), error = build.StandardError.ReadToEndAsync();
        while (!build.HasExited && WrittenFiles(consumer) < files)
            Thread.Sleep(5);
        bool ended = build.HasExited;
        build.Kill(entireProcessTree: true);
        build.WaitForExit();
        if (ended)
            Assert.AreEqual(0, build.ExitCode, "the build failed before it was killed");
        // Of a build that ends between the two lines above, too, the exit code says how it ended.
        return build.ExitCode != 0;
    }

    private static int WrittenFiles(Consumer consumer)
    {
        // A folder may go while it is listed.
        EnumerationOptions options = new() { RecurseSubdirectories = true, IgnoreInaccessible = true };
        int count = 0;
        foreach (string folder in OutputFolders)
        {
            try
            {
                count += Directory.EnumerateFiles(consumer.File(folder), "*", options).Count();
            }
            catch (DirectoryNotFoundException)
            {
                // Not written yet.
            }
        }

        return count;
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
