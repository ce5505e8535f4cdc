using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Ebsp.TestKit;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>What an editor asks of a project: compiler arguments without a build, and the files to watch.</summary>
[TestClass]
public sealed class DesignTimeTests
{
    private static readonly string[] DesignTime =
        ["-t:Compile", "-p:DesignTimeBuild=true", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true",
            "-getItem:CscCommandLineArgs"];

    [TestMethod]
    public void DesignTime_OfACleanClone_CompilesTheTypeWithoutTheTool()
    {
        using Consumer consumer = new("design");
        consumer.WithFloats().Write("broken.pb", "no model")
            .Write("Program.cs", DigitsUse.Program
            + "\nConsole.WriteLine(BrokenModel.Load().Run(pixels).Length + BrokenModel.OutputChannels);");
        consumer.Write("design.csproj",
            Consumer.Project("<OutputType>Exe</OutputType>", DigitsUse.FloatItem + """<EbspModel Include="broken.pb" />"""));
        consumer.Run("restore").Expect(0);
        BuildResult design = consumer.Build(["--no-restore", .. DesignTime]).Succeeded();
        Assert.IsEmpty(design.Log.Commands);
        Assert.IsEmpty(Directory.GetFiles(consumer.File("obj"), "design.dll", SearchOption.AllDirectories),
            "the compiler task only tells its arguments");
        Compile(consumer, design);
        Assert.IsEmpty(Directory.GetFiles(consumer.Folder, "*.ebsp", SearchOption.AllDirectories));

        // The real build reads nothing of it, and afterwards the design-time build takes the real manifest.
        consumer.Build("--no-restore").Failed("EBSP1002");
        File.Delete(consumer.File("broken.pb"));
        consumer.Write("Program.cs", DigitsUse.Program);
        consumer.Write("design.csproj", Consumer.Project("<OutputType>Exe</OutputType>", DigitsUse.FloatItem));
        Assert.IsEmpty(consumer.Build().Succeeded().Log.Compiled, "the failing model does not invalidate the other one");
        consumer.ExpectAnswers("bin/Debug/net10.0/design.dll");
        BuildResult current = consumer.Build(["--no-restore", .. DesignTime]).Succeeded();
        Assert.DoesNotContain("/design/", string.Join('\n', Arguments(current)));
        Assert.AreEqual(0, consumer.Build().Succeeded().Log.CompilerRuns);
    }

    [TestMethod]
    public void Watch_List_NamesModelsAndCalibration()
    {
        using Consumer consumer = new("watch");
        consumer.WithFloats().Write("Program.cs", "Thread.Sleep(Timeout.Infinite);");
        consumer.Write("watch.csproj", Consumer.Project("<OutputType>Exe</OutputType>", DigitsUse.FloatItem));
        consumer.Build().Succeeded();
        string[] watched = consumer.Run("watch", "--list").Expect(0).Out.Split('\n', StringSplitOptions.TrimEntries);
        Assert.Contains(consumer.File("digits.onnx"), watched);
        Assert.Contains(consumer.File("digits-calibration.csv.gz"), watched);
        Assert.IsFalse(watched.Any(file => file.Contains("/obj/", StringComparison.Ordinal)), string.Join('\n', watched));
    }

    [TestMethod]
    public void Watch_WhileNothingChanges_BuildsOnceAndOnceMoreForAModel()
    {
        LongMode.Require();
        const int IdleSeconds = 30, BuildSeconds = 120;
        using Consumer consumer = new("idle");
        consumer.WithFloats().Write("Program.cs", "Console.WriteLine(DigitsModel.SourceFile);");
        consumer.Write("idle.csproj", Consumer.Project("<OutputType>Exe</OutputType>", DigitsUse.FloatItem));
        using Process watch =
            consumer.Start(new Dictionary<string, string>(), "watch", "--non-interactive", "--verbose", "build", "-nodeReuse:false");
        StringBuilder output = new();
        int builds = 0;
        watch.OutputDataReceived += (_, line) =>
        {
            lock (output)
                output.AppendLine(line.Data);
            if (line.Data?.Contains("Time Elapsed", StringComparison.Ordinal) == true)
                Interlocked.Increment(ref builds);
        };
        watch.ErrorDataReceived += (_, line) =>
        {
            lock (output)
                output.AppendLine(line.Data);
        };
        watch.BeginOutputReadLine();
        watch.BeginErrorReadLine();
        try
        {
            Assert.IsTrue(SpinWait.SpinUntil(() => Volatile.Read(ref builds) == 1, TimeSpan.FromSeconds(BuildSeconds)), Text());
            Thread.Sleep(TimeSpan.FromSeconds(IdleSeconds));
            Assert.AreEqual(1, Volatile.Read(ref builds), Text());
            consumer.Write("digits.onnx", DigitsUse.FloatVariant('x'));
            Assert.IsTrue(SpinWait.SpinUntil(() => Volatile.Read(ref builds) == 2, TimeSpan.FromSeconds(BuildSeconds)), Text());
            Thread.Sleep(TimeSpan.FromSeconds(IdleSeconds));
            Assert.AreEqual(2, Volatile.Read(ref builds), Text());
        }
        finally
        {
            watch.Kill(entireProcessTree: true);
            watch.WaitForExit();
        }

        string Text()
        {
            lock (output)
                return output.ToString();
        }
    }

    // The C# compiler on the arguments that the build gave to the editor.
    private static void Compile(Consumer consumer, BuildResult design)
    {
        string csc = Path.Combine(LocalFeed.Instance.SdkFolder, "Roslyn", "bincore", "csc.dll");
        consumer.Run(["exec", csc, .. Arguments(design), "-out:" + consumer.File("design.dll")]).Expect(0);
    }

    private static string[] Arguments(BuildResult design) =>
        [.. JsonNode.Parse(design.Out)!["Items"]!["CscCommandLineArgs"]!.AsArray().Select(item => (string)item!["Identity"]!)];
}
