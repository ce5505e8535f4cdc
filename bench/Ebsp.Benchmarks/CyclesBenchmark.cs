using System.Globalization;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Programs;

namespace Ebsp.Benchmarks;

/// <summary>Cycles without arithmetic: the timing model on whole networks.</summary>
internal static class CyclesBenchmark
{
    public static int Run()
    {
        if (Programs.ResNet20() is not { } resNet20 || Programs.MobileNetV2() is not { } mobileNet)
            return 1;
        EbspProgram resNet50 = Programs.ResNet50();
        Console.WriteLine(Rounds.Machine());
        (string Name, EbspProgram Program)[] networks = [("ResNet-20", resNet20), ("MobileNetV2", mobileNet), ("ResNet-50", resNet50)];
        double[] first = [.. networks.Select(network => Rounds.Milliseconds(() => TimingModel.Run(network.Program)))];
        double[] times = Rounds.Best(101, [.. networks.Select(network => (Action)(() => TimingModel.Run(network.Program)))]);
        foreach ((int i, (string name, EbspProgram program)) in networks.Index())
        {
            TimingReport report = TimingModel.Run(program);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name,-12} {times[i],7:F2} ms (the first call {first[i]:F1}), {program.Code.Length} instructions, {report.Cycles} " +
                    $"cycles, {report.Actions.Macs * 1e-6:F1} M MACs"));
        }

        return 0;
    }
}
