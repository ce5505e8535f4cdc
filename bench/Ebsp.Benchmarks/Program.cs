using Ebsp.Benchmarks;

if (args.Length == 1)
{
    switch (args[0])
    {
        case "projection":
            return ProjectionBenchmark.Run();
    }
}

Console.Error.WriteLine("usage: dotnet run -c Release --project bench/Ebsp.Benchmarks -- NAME");
Console.Error.WriteLine("  projection    float weights projected and packed, beside a plain copy of them");
return 2;
