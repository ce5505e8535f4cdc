using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Ebsp.Compiler.Data;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.EndToEnd.Tests.Build;

/// <summary>Models inside an app answer as ebspc does, bit for bit, however the app calls them and was published.</summary>
[TestClass]
public sealed class AnswerTests
{
    private const int Images = 100;
    private const int Threads = 8;

    /// <summary>Prints a line for each model and each way of calling it: the digest of all scores.</summary>
    private const string Program = """
        using System.Runtime.InteropServices;
        using System.Security.Cryptography;
        using Ebsp.Emulator;
        using Ebsp.Emulator.Models;

        foreach (EngineKind engine in new[] { EngineKind.Fast, EngineKind.Literal })
        {
            MachineOptions options = new() { Engine = engine };
            Show("digits", DigitsModel.Load(options));
            Show("mnist", MnistModel.Load(options));
            Show("resnet", ResnetModel.Load(options));

            void Show(string name, IEbspModel model)
            {
                byte[] pixels = File.ReadAllBytes(Path.Combine(args[0], name + ".pixels"));
                int image = model.Input.Channels * model.Input.Height * model.Input.Width, count = pixels.Length / image;
                Print("batch", model.Run(pixels));
                if (engine == EngineKind.Literal)
                    return;
                Print("single", [.. Enumerable.Range(0, count).SelectMany(n => model.Run(pixels.AsSpan(n * image, image)))]);
                float[] scores = new float[count * model.Output.Channels];
                model.Run(pixels, scores);
                Print("span", scores);
                Print("async", model.RunAsync(pixels).Result);
                Print("integers", [.. model.RunIntegers(pixels).Select(q => (float)(q * model.Output.Scale))]);
                float[][] parallel = new float[int.Parse(args[1])][];
                Thread[] threads = [.. parallel.Select((_, n) => new Thread(() => parallel[n] = model.Run(pixels)))];
                foreach (Thread thread in threads)
                    thread.Start();
                foreach (Thread thread in threads)
                    thread.Join();
                foreach (float[] answer in parallel)
                    Print("thread", answer);

                void Print(string way, float[] values) =>
                    Console.WriteLine($"{name} {engine} {way} {Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan())))}");
            }
        }
        """;

    [TestMethod]
    public void Models_BuiltTrimmedAndAheadOfTime_AnswerAsTheToolBitForBit()
    {
        using Consumer consumer = new("answers");
        using TemporaryFolder folder = new();
        Dictionary<string, string> expected = new()
        {
            ["digits"] = Prepare(consumer, folder, "digits", DigitsModel.Onnx, DigitsModel.Calibration, DigitsModel.HeldOut, batch: 1,
                "--scale", "1/16"),
            ["mnist"] = Prepare(consumer, folder, "mnist", TestData.File("models/mnist-8.onnx"),
                TestData.File("mnist/train-images-idx3-ubyte.gz"), TestData.File("mnist/t10k-images-idx3-ubyte.gz"), batch: 1),
            ["resnet"] = Prepare(consumer, folder, "resnet", TestData.File("models/resnet8-cifar10.onnx"),
                TestData.File("cifar10/train_1.med.br"), TestData.File("cifar10/test_8000.med.br"), batch: 8),
        };
        consumer.Write("source/app.csproj", Consumer.Project(
            """
            <OutputType>Exe</OutputType>
            <TrimmerSingleWarn>false</TrimmerSingleWarn>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <RollForward>Major</RollForward>
            <InvariantGlobalization>true</InvariantGlobalization>
            <PublishAot Condition="'$(Trimmed)' != 'true'">true</PublishAot>
            <PublishTrimmed Condition="'$(Trimmed)' == 'true'">true</PublishTrimmed>
            <PublishSingleFile Condition="'$(Trimmed)' == 'true'">true</PublishSingleFile>
            """,
            """<EbspModel Include="digits.pb;mnist.pb" /><EbspModel Include="resnet.pb" Batch="8" />""",
            "net10.0;net9.0")).Write("source/Program.cs", Program);
        string runtime = RuntimeInformation.RuntimeIdentifier, suffix = OperatingSystem.IsWindows() ? ".exe" : "";
        BuildLog trimmed = consumer.MSBuild("publish", "source", "-f", "net10.0", "-r", runtime, "-p:Trimmed=true",
            "-o", consumer.File("trimmed")).Succeeded().Log;
        Assert.HasCount(3, trimmed.Compiled);
        bool canLink = OperatingSystem.IsWindows() || HasProgram("gcc") || HasProgram("clang");
        // The newest framework in every run.
        string[] ahead = !canLink ? [] : LongMode.On ? ["net10.0", "net9.0"] : ["net10.0"];
        foreach (string framework in ahead)
            Assert.IsEmpty(consumer.MSBuild("publish", "source", "-f", framework, "-r", runtime, "-o", consumer.File(framework))
                .Succeeded().Log.Compiled);
        Assert.HasCount(1, Directory.GetFiles(consumer.File("trimmed")).Where(file => !file.EndsWith(".pdb", StringComparison.Ordinal))
            .ToArray(), "a single file");
        Directory.Move(consumer.File("source/bin/Release/net10.0/" + runtime), consumer.File("built"));
        Directory.Delete(consumer.File("source"), recursive: true);

        Expect(DotNet.Start("dotnet", "/", LocalFeed.Instance.Environments, "exec", consumer.File("built/app.dll"), folder.FullName,
            $"{Threads}"), expected);
        Expect(DotNet.Start(consumer.File("trimmed/app" + suffix), "/", LocalFeed.Instance.Environments, folder.FullName, $"{Threads}"),
            expected);
        if (!canLink)
            Assert.Inconclusive("Built and trimmed apps answer right; publishing ahead of time needs gcc or clang.");
        foreach (string framework in ahead)
            Expect(DotNet.Start(consumer.File($"{framework}/app" + suffix), "/", LocalFeed.Instance.Environments, folder.FullName,
                $"{Threads}"), expected);
    }

    private static bool HasProgram(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, name)));

    // Quantizes a network, writes its pictures for the app, and gives the digest of what ebspc answers to them.
    private static string Prepare(Consumer consumer, TemporaryFolder folder, string name, string onnx, string calibration, string data,
        int batch, params string[] options)
    {
        string integers = consumer.File($"source/{name}.pb"), program = folder.File(name + ".ebsp"), scores = folder.File(name + ".npy");
        Directory.CreateDirectory(consumer.File("source"));
        Ebspc.Run(["quantize", onnx, "--calibration", calibration, "--count", "50", .. options, "-o", integers]).Expect(0);
        Ebspc.Run("compile", integers, "--batch", $"{batch}", "-o", program).Expect(0);
        Ebspc.Run("run", program, "--input", data, "--count", $"{Images}", "--timing", "none", "-o", scores).Expect(0);
        folder.Write(name + ".pixels", DataReader.Read(data, new DataOptions { Count = Images }).Pixels);
        return Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(((float[])NpyFile.Read(scores).Data).AsSpan())));
    }

    private static void Expect(System.Diagnostics.Process process, Dictionary<string, string> expected)
    {
        string[] ways = ["Fast batch", "Fast single", "Fast span", "Fast async", "Fast integers",
            .. Enumerable.Repeat("Fast thread", Threads), "Literal batch"];
        string[] lines = [.. expected.SelectMany(model => ways.Select(way => $"{model.Key} {way} {model.Value}"))];
        string[] printed = DotNet.Finish(process)
            .Expect(0).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        CollectionAssert.AreEquivalent(lines, printed, string.Join('\n', printed));
    }
}
