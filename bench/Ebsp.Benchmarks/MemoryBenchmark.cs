using System.Diagnostics;
using System.Globalization;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Emulator;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;

namespace Ebsp.Benchmarks;

/// <summary>Peak memory of runs in processes of their own, beside an empty .NET program; and whether memory grows with images. Linux (/proc) only.</summary>
internal static class MemoryBenchmark
{
    public static int Run()
    {
        if (Programs.ResNet20() is not { } small || Programs.MobileNetV2() is not { } mobileNet)
            return 1;
        string folder = Directory.CreateTempSubdirectory("ebsp-bench-").FullName;
        double floor = Child("empty").Peak;
        Console.WriteLine(Rounds.Machine());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"an empty .NET program {floor:F1} MiB; peaks above it, MiB"));
        (string, EbspProgram, double)[] networks = [("one layer", Programs.Chain(1), 50_176), ("MobileNetV2", mobileNet, 1_204_224), ("ResNet-50", Programs.ResNet50(), 802_816)];
        foreach ((string name, EbspProgram program, double activation) in networks)
        {
            string file = Path.Combine(folder, "model.ebsp"), pixels = Path.Combine(folder, "image.npy");
            File.WriteAllBytes(file, ProgramWriter.Write(program));
            Shape shape = new(program.Io.Input.Channels, program.Io.Input.Height, program.Io.Input.Width);
            using (FileStream npy = File.Create(pixels))
                NpyFile.Write(npy, new NpyArray([1, shape.Channels, shape.Height, shape.Width], Programs.Noise(shape, 1).Pixels));
            double weights = Weights(program) / 1048576.0, limit = 2.2 * weights + 4 * activation / 1048576;
            double run = Child("run", file, "--input", pixels, "--threads", "1", "--timing", "none").Peak - floor;
            double timed = Child("run", file, "--timing", "cycles").Peak - floor, machine = Child("machine", file).Peak - floor;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-12} int8 weights {weights:F1}, limit {limit:F1}; ebspc run {run:F1}, opened and run by the library alone {machine:F1}, ebspc run --timing cycles {timed:F1}"));
        }

        foreach ((string name, EbspProgram program) in new[] { ("ResNet-20", small), ("MobileNetV2", mobileNet), ("ResNet-50", Programs.ResNet50()) })
        {
            File.WriteAllBytes(Path.Combine(folder, "model.ebsp"), ProgramWriter.Write(program));
            Console.WriteLine($"{name,-12} resident KiB after image 100 and image 1,000: {Child("images", Path.Combine(folder, "model.ebsp")).Lines[0]}");
        }

        Directory.Delete(folder, recursive: true);
        return 0;
    }

    /// <summary>The processes that are measured: their last line is their peak in KiB.</summary>
    public static int Measured(string[] arguments)
    {
        int code = 0;
        switch (arguments[0])
        {
            case "run":
                code = CompileBenchmark.Tool(arguments);
                break;
            case "seeded":
                File.WriteAllBytes(arguments[1], ProgramWriter.Write(Programs.Compile(Ebsp.Compiler.Tests.CodeGen.SeededNetwork.ResNet50(), 1)));
                break;
            case "machine":
                Machine machine = new(ProgramReader.Open(File.ReadAllBytes(arguments[1])));
                machine.Run();
                break;
            case "baked":
                Baked(arguments[1], arguments is [_, _, "odd", ..] ? 1 : 0);
                break;
            case "images":
                Console.WriteLine(Images(ProgramReader.Open(File.ReadAllBytes(arguments[1]))));
                break;
        }

        Console.WriteLine(Status("VmHWM"));
        return code;
    }

    private static void Baked(string file, int offset)
    {
        using MappedProgram mapped = new(file, offset);
        Step("start");
        EbspProgram program = ProgramReader.Open(mapped.Memory);
        Step("opened");
        Machine machine = new(program);
        Step("machine");
        machine.Run();
        Step("first run");
        for (int i = 0; i < 20; i++)
            machine.Run();
        Step("20 runs");
        GC.KeepAlive(program);
    }

    private static void Step(string name)
    {
        long heap = GC.GetTotalMemory(forceFullCollection: true);
        Gens();
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-12} heap {heap / 1e6:F2} committed {info.TotalCommittedBytes / 1e6:F2} anonymous {long.Parse(Status("RssAnon"), CultureInfo.InvariantCulture) * 1024 / 1e6:F2} mapped {long.Parse(Status("RssFile"), CultureInfo.InvariantCulture) * 1024 / 1e6:F2}"));
    }

    private static void Gens() { var i = GC.GetGCMemoryInfo(); foreach (var g in i.GenerationInfo) Console.Write($"   {g.SizeAfterBytes / 1e6:F2}({g.FragmentationAfterBytes / 1e6:F2})"); Console.WriteLine($" frag {i.FragmentedBytes / 1e6:F2} alloc {GC.GetTotalAllocatedBytes() / 1e6:F2}"); }

    private static string Images(EbspProgram program)
    {
        Machine machine = new(program);
        ImageSet images = Programs.Noise(new Shape(program.Io.Input.Channels, program.Io.Input.Height, program.Io.Input.Width), 1);
        float[] scores = new float[program.Io.Output.Channels * program.Io.Output.Height * program.Io.Output.Width];
        string resident = "";
        for (int i = 1; i <= 1000; i++)
        {
            machine.WriteImage(0, images.PixelsOf(0));
            machine.Run();
            machine.ReadScores(0, scores);
            if (i is 100 or 1000)
                resident += (i == 100 ? "" : ", ") + Status("VmRSS");
        }

        return resident;
    }

    // One a weight: an array instruction names its output channels and its reduction; tiles of one fold share theirs by their address.
    private static long Weights(EbspProgram program)
    {
        long total = 0, last = -1;
        foreach (Instruction i in program.Code)
        {
            if (i.Opcode == Opcode.Load && i[Field.DramRegion] == (long)Region.Weights && i[Field.DramAddress] != last)
                last = i[Field.DramAddress];
            else if (i.Opcode is Opcode.MatMul or Opcode.Conv or Opcode.Depthwise && last >= 0)
            {
                long taps = i.Opcode == Opcode.MatMul ? 1 : i[Field.KernelRows] * i[Field.KernelColumns];
                total += i[Field.Channels] * taps * (i.Opcode == Opcode.Depthwise ? 1 : i[Field.SrcChannels]);
                last = -1;
            }
        }

        return total;
    }

    private static (double Peak, string[] Lines) Child(params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true };
        foreach (string argument in new[] { typeof(MemoryBenchmark).Assembly.Location, "measured" }.Concat(arguments))
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        string[] lines = process.StandardOutput.ReadToEnd().TrimEnd().Split('\n');
        process.WaitForExit();
        return process.ExitCode == 0 ? (long.Parse(lines[^1], CultureInfo.InvariantCulture) / 1024.0, lines)
            : throw new InvalidOperationException($"{arguments[0]} ended with {process.ExitCode}");
    }

    private static string Status(string field) => File.ReadLines("/proc/self/status").First(line => line.StartsWith(field + ":", StringComparison.Ordinal)).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];
}
