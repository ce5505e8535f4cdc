using Ebsp.Benchmarks;

if (args.Length == 1)
{
    switch (args[0])
    {
        case "projection":
            return ProjectionBenchmark.Run();
        case "tiles":
            return TileBenchmark.Run();
    }
}

Console.Error.WriteLine("usage: dotnet run -c Release --project bench/Ebsp.Benchmarks -- NAME");
Console.Error.WriteLine("  projection    float weights projected and packed, beside a plain copy of them");
Console.Error.WriteLine("  tiles         convolution tiles on every engine, beside the limit of 256-bit VNNI");
return 2;
