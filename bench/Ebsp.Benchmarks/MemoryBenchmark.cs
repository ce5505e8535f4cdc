using System.Diagnostics;
using System.Globalization;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Emulator;
using Ebsp.Emulator.Models;
using Ebsp.Isa.Instructions;
using Ebsp.Isa.Programs;
using Ebsp.TestKit.Networks;

namespace Ebsp.Benchmarks;

/// <summary>Peak memory of runs in processes of their own, beside an empty .NET program; and whether memory grows with images. Linux
/// (/proc) only.</summary>
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
        (string, EbspProgram, double)[] networks =
            [("one layer", Programs.Chain(1), 50_176), ("MobileNetV2", mobileNet, 1_204_224), ("ResNet-50", Programs.ResNet50(), 802_816)];
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
                $"{name,-12} int8 weights {weights:F1}, limit {limit:F1}; ebspc run {run:F1}, opened and run by the library alone " +
                    $"{machine:F1}, ebspc run --timing cycles {timed:F1}"));
        }

        foreach ((string name, EbspProgram program) in new[] { ("ResNet-20", small), ("MobileNetV2", mobileNet),
            ("ResNet-50", Programs.ResNet50()) })
        {
            File.WriteAllBytes(Path.Combine(folder, "model.ebsp"), ProgramWriter.Write(program));
            Console.WriteLine($"{name,-12} resident KiB after image 100 and image 1,000: " +
                $"{Child("images", Path.Combine(folder, "model.ebsp")).Lines[0]}");
        }

        (string, EbspProgram, double)[] baked =
            [("ResNet-20", small, 16_384), ("MobileNetV2", mobileNet, 1_204_224),
            ("ResNet-50", Programs.Compile(SeededNetwork.ResNet50(), 1), 802_816)];
        foreach ((string name, EbspProgram program, double activation) in baked)
            Baked(Path.Combine(folder, "model.ebsp"), name, program, activation);
        Directory.Delete(folder, recursive: true);
        return 0;
    }

    // A model in a mapped file, as an application has it: what it takes after each step above what the process had before.
    private static void Baked(string file, string name, EbspProgram program, double activation)
    {
        double weights = Weights(program) / 1e6, limit = weights + 2 * activation / 1e6 + 16;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name} baked: file {ProgramWriter.Write(program).Length / 1e6:F1} MB, int8 weights {weights:F1}, with two activations of " +
                $"a byte an element and 16 MB {limit:F1}; MB above the start"));
        foreach (int skip in new[] { 0, 1 })
        {
            File.WriteAllBytes(file, [.. new byte[skip], .. ProgramWriter.Write(program)]);
            foreach (string line in Child("baked", file, skip.ToString(CultureInfo.InvariantCulture)).Lines[..^1])
                Console.WriteLine($"  {(skip == 0 ? "" : "odd address, ")}{line}");
        }
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
            case "machine":
                Machine machine = new(ProgramReader.Open(File.ReadAllBytes(arguments[1])));
                machine.Run();
                break;
            case "baked":
                Baked(arguments[1], int.Parse(arguments[2], CultureInfo.InvariantCulture));
                break;
            case "images":
                Console.WriteLine(Images(ProgramReader.Open(File.ReadAllBytes(arguments[1]))));
                break;
        }

        Console.WriteLine(Status("VmHWM"));
        return code;
    }

    private static void Baked(string file, int skip)
    {
        using MappedProgram mapped = new(file, skip);
        string digest = Convert.ToHexStringLower(mapped.GetSpan().Slice(32, 32));
        (long Managed, long Anonymous, long Mapped) start = Memory();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"start: managed {start.Managed / 1e6:F2}, anonymous {start.Anonymous / 1e6:F2}, files {start.Mapped / 1e6:F2} (not above " +
            $"anything)"));
        BakedModel model = new(new ModelBlob(mapped.Memory, file, digest));
        Report("loaded");
        byte[] pixels = Programs.Noise(new Shape(model.Input.Channels, model.Input.Height, model.Input.Width), 1).PixelsOf(0).ToArray();
        float[] scores = new float[model.Output.Channels * model.Output.Height * model.Output.Width];
        foreach (int runs in new[] { 1, 100, 1000 })
        {
            for (int i = runs switch { 1 => 0, 100 => 1, _ => 100 }; i < runs; i++)
                model.Run(pixels, scores);
            Report($"run {runs}");
        }

        GC.KeepAlive(model);

        void Report(string step)
        {
            (long Managed, long Anonymous, long Mapped) now = Memory();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{step}: managed {(now.Managed - start.Managed) / 1e6:F2}, anonymous {(now.Anonymous - start.Anonymous) / 1e6:F2}, " +
                    $"files {(now.Mapped - start.Mapped) / 1e6:F2}"));
        }
    }

    // Live objects; pages of the process that no file backs, so the managed heap with its free room, compiled methods and all else that is
    // native; pages of files.
    private static (long Managed, long Anonymous, long Mapped) Memory()
    {
        long managed = GC.GetTotalMemory(forceFullCollection: true);
        return (managed, Kibibytes("RssAnon") * 1024, Kibibytes("RssFile") * 1024);
    }

    private static long Kibibytes(string field) => long.Parse(Status(field), CultureInfo.InvariantCulture);

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

    private static string Status(string field) => File.ReadLines("/proc/self/status")
        .First(line => line.StartsWith(field + ":", StringComparison.Ordinal))
        .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];

    private sealed class BakedModel(ModelBlob blob) : EbspModel(blob);
}
