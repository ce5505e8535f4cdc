using System.Globalization;
using Ebsp.Compiler;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;
using Ebsp.Isa.Verification;

namespace Ebsp.Benchmarks;

/// <summary>The static verifier on a program of the size of ResNet-50.</summary>
internal static class VerifierBenchmark
{
    private static readonly PatternFormat Activations = PatternFormat.Window(6, 3, false), Weights = PatternFormat.Window(6, 3, true);

    public static int Run()
    {
        Console.WriteLine(Rounds.Machine());
        Graph graph = Bottlenecks();
        foreach (int batch in (int[])[1, 8])
        {
            TimeSpan start = Environment.CpuUsage.UserTime;
            EbspProgram program = ModelCompiler.Compile(graph, new CompileOptions(ArchPresets.Default, batch, new string('0', 64), ""));
            double compiled = (Environment.CpuUsage.UserTime - start).TotalMilliseconds;
            double[] rounds = new double[11];
            for (int round = -2; round < rounds.Length; round++)
            {
                start = Environment.CpuUsage.UserTime;
                _ = ProgramVerifier.Check(program);
                if (round >= 0)
                    rounds[round] = (Environment.CpuUsage.UserTime - start).TotalMilliseconds;
            }

            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"batch {batch}: {program.Code.Length} instructions, compiled in {compiled:F0} ms of processor time, this verification " +
                    $"included; verified in {rounds.Order().ElementAt(rounds.Length / 2):F1} ms, {rounds.Min():F1} to {rounds.Max():F1}"));
        }

        return 0;
    }

    // The shapes of ResNet-50 at 224 x 224, without its weights.
    private static Graph Bottlenecks()
    {
        GraphBuilder builder = new("bottlenecks", "input", new Shape(3, 224, 224), new InputEncoding(Activations, 2, 1 / 63.0));
        string last = Conv(builder, "input", 64, 7, 2, null);
        last = builder.Add("pool", new MaxPool(new KernelWindow(3, 3, 2, 2, 1, 1, 1, 1), false), [last], "pool.out");
        int[] blocks = [3, 4, 6, 3];
        for (int stage = 0; stage < blocks.Length; stage++)
        {
            for (int block = 0; block < blocks[stage]; block++)
            {
                int width = 64 << stage, stride = block == 0 && stage > 0 ? 2 : 1;
                string shortcut = block == 0 ? Conv(builder, last, 4 * width, 1, stride, null) : last;
                string inner = Conv(builder, Conv(builder, last, width, 1, 1, null), width, 3, stride, null);
                last = Conv(builder, inner, 4 * width, 1, 1, shortcut);
            }
        }

        string average = builder.Add("average", new SumPool(new KernelWindow(7, 7, 1, 1, 0, 0, 0, 0), false), [last], "average.acc");
        last = builder.Add("average.out", Requantize(Activations, 63), [average], "features");
        string scores = builder.Add("fc",
            new IntegerConv(1000, new KernelWindow(1, 1), 1, Weights, [.. new sbyte[1000 * 2048]], [.. new int[1000]]), [last], "fc.acc");
        builder.Add("scores", Requantize(PatternFormat.Int32, int.MaxValue), [scores], "scores");
        return builder.Build("scores");
    }

    private static string Conv(GraphBuilder builder, string source, int channels, int kernel, int stride, string? residual)
    {
        string name = $"conv{++Number}";
        int inputs = builder.TypeOf(source).Shape.Channels, pad = kernel / 2;
        IntegerConv conv = new(channels, new KernelWindow(kernel, kernel, stride, stride, pad, pad, pad, pad), 1, Weights,
            [.. new sbyte[channels * inputs * kernel * kernel]], [.. new int[channels]]);
        string sums = builder.Add(name, conv, [source], name + ".acc");
        return builder.Add(name + ".out", Requantize(Activations, 63, residual is null ? 0 : 1), residual is null
            ? [sums]
            : [sums, residual], name + ".result");
    }

    private static int Number;

    private static Requantize Requantize(PatternFormat format, int high, int second = 0) => new([1], false, second, [], 1, 0, high, format);
}
