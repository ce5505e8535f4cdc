using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Ebsp.Compiler;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Machine;
using Ebsp.TestKit.Networks;

namespace Ebsp.Benchmarks;

/// <summary>
/// Processor time of a whole <c>ebspc compile</c> from the quantized .pb, start of the process included; and of compiling networks of one,
/// two and four times the layers and weights, within the process.
/// </summary>
internal static class CompileBenchmark
{
    private const int Runs = 11;

    public static int Run()
    {
        string data = Environment.GetEnvironmentVariable("EBSP_DATA") ?? "../shared/data";
        string mobile = Path.Combine(data, "models/mobilenetv2-1.0-224-ptq.onnx"),
            residual = Path.Combine(data, "models/resnet56-cifar10.onnx");
        if (!File.Exists(mobile) || !File.Exists(residual))
        {
            Console.Error.WriteLine($"{mobile} or {residual} is not there; set EBSP_DATA to the folder of the pretrained networks");
            return 1;
        }

        string folder = Directory.CreateTempSubdirectory("ebsp-bench-").FullName;
        Console.WriteLine(Rounds.Machine());
        foreach ((string name, Graph graph) in new[]
        {
            ("ResNet-56", SeededNetwork.From(OnnxImporter.Import(residual))),
                ("MobileNetV2 1.0 224", SeededNetwork.From(OnnxImporter.Import(mobile))), ("ResNet-50", SeededNetwork.ResNet50()),
        })
        {
            string quantized = Path.Combine(folder, "net.q.pb");
            GraphFile.Write(graph, quantized);
            double[] seconds = [.. Enumerable.Range(0, Runs)
                .Select(_ => Ebspc("compile", quantized, "-o", Path.Combine(folder, "net.ebsp"))).Order()];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"ebspc compile, {name,-20} {seconds[Runs / 2],7:F3} s of processor time ({seconds[0]:F3} to {seconds[^1]:F3})"));
        }

        Directory.Delete(folder, recursive: true);
        Graph[] sizes = [.. new[] { 4, 8, 16 }.Select(blocks =>
            SeededNetwork.ResNet($"{blocks} blocks a stage", [blocks, blocks, blocks, blocks], isBottleneck: false))];
        double[] times = [.. sizes.Select(graph => Enumerable.Range(0, 7).Select(_ => Milliseconds(graph)).Order().ElementAt(3))];
        for (int i = 0; i < sizes.Length; i++)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{sizes[i].Name,-20} {sizes[i].Nodes.Length,5} nodes, " +
                    $"{sizes[i].Nodes.Sum(node => (node.Op as IntegerConv)?.Weights.Length ?? 0) * 1e-6,6:F1} M weights, " +
                    $"{times[i],8:F1} ms{(i == 0 ? "" : $", {times[i] / times[i - 1]:F2} times the half")}"));
        }

        return 0;
    }

    // Processor time: other work on the machine does not count.
    private static double Milliseconds(Graph graph)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        ModelCompiler.Compile(graph, new CompileOptions(ArchPresets.Default, 1, new string('0', 64), ""));
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds;
    }

    /// <summary>Runs ebspc in this process and says how much processor time the process has used since its start.</summary>
    public static int Child(string[] arguments)
    {
        int code = Tool(arguments);
        Console.WriteLine(Environment.CpuUsage.TotalTime.TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
        return code;
    }

    /// <summary>Calls ebspc in this process, by its file as the user does.</summary>
    public static int Tool(string[] arguments) => Convert.ToInt32(
        Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "ebspc.dll")).EntryPoint!.Invoke(null, [arguments]),
            CultureInfo.InvariantCulture);

    private static double Ebspc(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true };
        foreach (string argument in arguments.Prepend("child").Prepend(typeof(CompileBenchmark).Assembly.Location))
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? double.Parse(output.TrimEnd().Split('\n')[^1], CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"ebspc {arguments[0]} ended with {process.ExitCode}");
    }
}
