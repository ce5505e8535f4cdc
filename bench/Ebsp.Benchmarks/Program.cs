using Ebsp.Benchmarks;

if (args is ["child", .. string[] rest])
    return CompileBenchmark.Child(rest);
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
    }
}

Console.Error.WriteLine("usage: dotnet run -c Release --project bench/Ebsp.Benchmarks -- NAME");
Console.Error.WriteLine("  projection    float weights projected and packed, beside a plain copy of them");
Console.Error.WriteLine("  tiles         convolution tiles on every engine, beside the limit of 256-bit VNNI");
Console.Error.WriteLine("  network       ResNet-20 on the fast engine, beside the limit of 256-bit VNNI");
Console.Error.WriteLine("  compile       processor time of ebspc compile on ResNet-56, MobileNetV2 and ResNet-50, and with twice the layers");
return 2;
