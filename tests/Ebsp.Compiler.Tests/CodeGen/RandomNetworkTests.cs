using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Tests.Quantization;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.CodeGen;

/// <summary>Random float networks the whole way: quantized, compiled, opened again, run by all executors.</summary>
[TestClass]
public sealed class RandomNetworkTests
{
    [TestMethod]
    public void CompileFile_RandomNetwork_OpensAndExecutorsAgree()
    {
        int count = LongMode.Count(500, 10_000);
        double[] decibels = new double[count];
        Parallel.For(0, count, seed => decibels[seed] = Decibels(seed));
        // A network whose answers are all 0 has no signal to compare.
        decibels = [.. decibels.Where(double.IsFinite).Order()];
        // Eight images of noise say little of deep networks: most must come out well, none may be lost.
        Assert.IsGreaterThan(15, decibels[decibels.Length / 10], $"least {decibels[0]:F1}, tenth {decibels[decibels.Length / 10]:F1} dB");
        Assert.IsGreaterThan(0, decibels[0], $"least {decibels[0]:F1} dB");
    }

    // The signal to noise of one network that went the whole way.
    private static double Decibels(int seed)
    {
        Graph graph = RandomFloatGraph.Make(seed);
        ImageSet images = QuantizerTests.Noise(graph.InputShape, 8);
        QuantizerOptions options = new()
        {
            Weights = new OperandFormat(8, 4), Activations = new OperandFormat(8, 4), InputTerms = 1 + seed % 2, Threads = 1,
        };
        try
        {
            QuantizationResult quantized = Quantizer.Run(graph, images, options);
            (EbspProgram program, _) = ModelCompiler.CompileFile(quantized.Graph,
                new CompileOptions(ArchPresets.Find("default-4")!, 1 + seed % 2, new string('0', 64), ""));
            RandomProgramTests.AssertExecutorsAgree(quantized.Graph, program, seed);
            return quantized.ScoreSignalToNoise;
        }
        catch (Exception e) when (e is not UnitTestAssertException)
        {
            Assert.Fail($"seed {seed}: {e.GetType().Name} {e.Message}\n{e.StackTrace}\n{GraphPrinter.Print(graph)}");
            throw;
        }
    }
}
