using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Ebsp.Benchmarks;

/// <summary>Processor time of a whole <c>ebspc compile</c> of ResNet-56 from its quantised .pb, start of the process included.</summary>
internal static class CompileBenchmark
{
    private const int Runs = 11;

    public static int Run()
    {
        string data = Environment.GetEnvironmentVariable("EBSP_DATA") ?? "../shared/data";
        string model = Path.Combine(data, "models/resnet56-cifar10.onnx");
        if (!File.Exists(model))
        {
            Console.Error.WriteLine($"{model} is not there; set EBSP_DATA to the folder of the pretrained networks");
            return 1;
        }

        string folder = Directory.CreateTempSubdirectory("ebsp-bench-").FullName;
        string quantised = Path.Combine(folder, "resnet56.q.pb");
        Ebspc("quantize", model, "--calibration", Path.Combine(data, "cifar10/train_1.med.br"), "--count", "32",
            "--mean", ".485,.456,.406", "--std", ".229,.224,.225", "--scale", "1/255", "-o", quantised);
        double[] seconds = [.. Enumerable.Range(0, Runs).Select(_ => Ebspc("compile", quantised, "-o", Path.Combine(folder, "resnet56.ebsp"))).Order()];
        Directory.Delete(folder, recursive: true);
        Console.WriteLine(Rounds.Machine());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"ebspc compile, ResNet-56: {seconds[Runs / 2]:F3} s of processor time ({seconds[0]:F3} to {seconds[^1]:F3})"));
        return 0;
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
        Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "ebspc.dll")).EntryPoint!.Invoke(null, [arguments]), CultureInfo.InvariantCulture);

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
