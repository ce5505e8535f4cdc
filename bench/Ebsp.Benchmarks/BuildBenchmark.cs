using System.ComponentModel;
using System.Globalization;
using Ebsp.Compiler.Ir;
using Ebsp.TestKit.Networks;

namespace Ebsp.Benchmarks;

/// <summary>
/// What the item costs builds in which it has nothing to do, from binary logs; and the time from the start of a process to its first
/// answer, of a baked MobileNetV2 beside ONNX Runtime, which comes from npm and is left out where it cannot.
/// </summary>
internal static class BuildBenchmark
{
    private const int Models = 8, Rounds = 10;
    private const string OnnxRuntime = "onnxruntime-node@1.30.0";
    private static readonly string[] DesignTime =
        ["-t:Compile", "-p:DesignTimeBuild=true", "-p:SkipCompilerExecution=true", "-p:ProvideCommandLineArgs=true"];

    // Noise made the same way in both languages: pixels do not change the time.
    private const string Program = """
        byte[] pixels = new byte[NetModel.InputChannels * NetModel.InputHeight * NetModel.InputWidth];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(i * 7919 >> 3);
        float[] scores = NetModel.Load().Run(pixels);
        Console.WriteLine(Array.IndexOf(scores, scores.Max()));
        """;

    private const string Script = """
        const ort = require('onnxruntime-node');
        (async () => {
          const session = await ort.InferenceSession.create(process.argv[2]);
          const values = new Float32Array(3 * 224 * 224);
          for (let i = 0; i < values.length; i++)
            values[i] = ((i * 7919 >> 3) & 255) / 127.5 - 1;
          const results = await session.run({ [session.inputNames[0]]: new ort.Tensor('float32', values, [1, 3, 224, 224]) });
          const scores = results[session.outputNames[0]].data;
          console.log(scores.indexOf(scores.reduce((a, b) => Math.max(a, b))));
        })();
        """;

    public static int Run()
    {
        Console.WriteLine(Benchmarks.Rounds.Machine());
        using Consumers consumers = new();
        Builds(consumers);
        Starts(consumers);
        return 0;
    }

    private static void Builds(Consumers consumers)
    {
        string folder = Directory.CreateDirectory(Path.Combine(consumers.Folder, "eight")).FullName;
        for (int n = 1; n <= Models; n++)
            GraphFile.Write(SeededNetwork.ResNet($"net{n}", [n, 1, 1, 1], isBottleneck: false), Path.Combine(folder, $"net{n}.pb"));
        consumers.Project("eight", """<EbspModel Include="*.pb" />""", "Console.WriteLine(Net1Model.OutputChannels);");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Models} models of {Directory.GetFiles(folder, "*.pb").Average(file => new FileInfo(file).Length) / 1e6:F1} MB; median of " +
            $"{Rounds} builds, ms of our targets"));
        Report("design time, nothing built before", Measure(() =>
        {
            // As a clean clone has it after restore.
            foreach (string made in new[] { "obj/Release", "obj/ebsp" }.Select(path => Path.Combine(folder, path)).Where(Directory.Exists))
                Directory.Delete(made, recursive: true);
            return consumers.Targets("eight", DesignTime);
        }));
        Report("first build", [consumers.Targets("eight")]);
        Report("nothing to do", Measure(() => consumers.Targets("eight")));
        Report("design time", Measure(() => consumers.Targets("eight", DesignTime)));
    }

    private static Dictionary<string, double>[] Measure(Func<Dictionary<string, double>> build) =>
        [.. Enumerable.Range(0, Rounds).Select(_ => build())];

    private static void Report(string what, Dictionary<string, double>[] builds)
    {
        double[] sums = [.. builds.Select(targets => targets.Values.Sum()).Order()];
        string each = string.Join(", ",
            builds[0].Keys.Select(name =>
            string.Create(CultureInfo.InvariantCulture,
            $"{name} {Median([.. builds.Select(targets => targets.GetValueOrDefault(name))]):F1}")));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{what}: {Median(sums):F1} ({sums[0]:F1} to {sums[^1]:F1}); {each}"));
    }

    private static void Starts(Consumers consumers)
    {
        if (Programs.Quantized("mobilenetv2-1.0-224-ptq", Preprocessing.None) is not { } graph)
            return;
        string folder = Directory.CreateDirectory(Path.Combine(consumers.Folder, "start")).FullName,
            network = Programs.PathOf("mobilenetv2-1.0-224-ptq");
        GraphFile.Write(graph, Path.Combine(folder, "net.pb"));
        consumers.Project("start", """<EbspModel Include="net.pb" />""", Program);
        consumers.Targets("start");
        string app = Path.Combine(folder, "bin/Release/net10.0/start");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"start of the process to the first answer, MobileNetV2, median of {Rounds} interleaved rounds"));
        List<double> ours = [], theirs = [];
        bool hasPeer = InstallPeer(consumers, folder);
        for (int round = -1; round < Rounds; round++)
        {
            double baked = consumers.FirstLine(app, folder), peer = hasPeer ? consumers.FirstLine("node", folder, "peer.js", network) : 0;
            // The first round fills the file cache.
            if (round >= 0)
            {
                ours.Add(baked);
                theirs.Add(peer);
            }
        }

        ReportStart("baked", ours);
        if (hasPeer)
            ReportStart("ONNX Runtime, float32", theirs);
    }

    private static void ReportStart(string name, List<double> times) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name}: {Median([.. times]):F0} ms ({times.Min():F0} to {times.Max():F0})"));

    private static bool InstallPeer(Consumers consumers, string folder)
    {
        consumers.Write("start/peer.js", Script);
        consumers.Write("start/package.json", """{"private":true}""");
        try
        {
            consumers.Run("npm", folder, "install", "--ignore-scripts", "--no-audit", "--no-fund", OnnxRuntime);
            return true;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            Console.WriteLine($"ONNX Runtime is left out, npm did not install {OnnxRuntime}: {e.Message.Split('\n')[0]}");
            return false;
        }
    }

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
