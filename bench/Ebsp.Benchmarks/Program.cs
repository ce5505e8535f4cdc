using Ebsp.Benchmarks;

if (args is ["child", .. string[] rest])
    return CompileBenchmark.Child(rest);
if (args is ["measured", .. string[] what])
    return MemoryBenchmark.Measured(what);
if (args.Length == 1)
{
    switch (args[0])
    {
        case "projection":
            return ProjectionBenchmark.Run();
        case "tiles":
            return TileBenchmark.Run();
        case "network":
            return NetworkBenchmark.Run();
        case "compile":
            return CompileBenchmark.Run();
        case "cycles":
            return CyclesBenchmark.Run();
        case "growth":
            return GrowthBenchmark.Run();
        case "threads":
            return ThreadsBenchmark.Run();
        case "memory":
            return MemoryBenchmark.Run();
        case "build":
            return BuildBenchmark.Run();
        case "verifier":
            return VerifierBenchmark.Run();
    }
}

Console.Error.WriteLine("usage: dotnet run -c Release --project bench/Ebsp.Benchmarks -- NAME");
Console.Error.WriteLine("  projection    float weights projected and packed, beside a plain copy of them");
Console.Error.WriteLine("  tiles         convolution tiles on every engine, beside the limit of 256-bit VNNI");
Console.Error.WriteLine("  network       ResNet-20 on the fast engine, beside the limit of 256-bit VNNI");
Console.Error.WriteLine(
    "  compile       processor time of ebspc compile on ResNet-56, MobileNetV2 and ResNet-50, and with twice the layers");
Console.Error.WriteLine("  cycles        cycles of whole networks without arithmetic");
Console.Error.WriteLine("  growth        run time when the MACs double");
Console.Error.WriteLine("  threads       images a second on one thread and on two");
Console.Error.WriteLine("  memory        peak memory of runs beside an empty .NET program, and its growth with images");
Console.Error.WriteLine(
    "  build         our targets in builds with nothing to do, and a baked MobileNetV2 from start to answer beside ONNX Runtime");
Console.Error.WriteLine("  verifier      the static verifier on a program of the size of ResNet-50");
return 2;
