using System.Globalization;
using Ebsp.Compiler.Execution;
using Ebsp.Compiler.Data;
using Ebsp.Emulator;

namespace Ebsp.Benchmarks;

/// <summary>Throughput of many images on one thread and on two, as <c>ebspc run --threads N</c> does it.</summary>
internal static class ThreadsBenchmark
{
    private const int Images = 2000;

    public static int Run()
    {
        if (Programs.ResNet20() is not { } program)
            return 1;
        MachineExecutor executor = new(program, new MachineOptions());
        ImageSet images = Programs.Noise(executor.Input, Images);
        float[][] scores = new float[2][];
        double[] times = Rounds.Best(21,
            () => scores[0] = executor.Run(images, 1, _ => { }, CancellationToken.None),
            () => scores[1] = executor.Run(images, 2, _ => { }, CancellationToken.None));
        Console.WriteLine(Rounds.Machine());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"ResNet-20, {Images} images: one thread {Images / times[0] * 1e3:F0} images/s, two {Images / times[1] * 1e3:F0}, " +
                $"{times[0] / times[1]:F2} times; same bits: {scores[0].AsSpan().SequenceEqual(scores[1])}"));
        return 0;
    }
}
