using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;
using Ebsp.Emulator;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Tests.Quantization;

/// <summary>Top-1 of float and integer graphs.</summary>
internal static class Accuracy
{
    private const int ComparedImages = 32;

    /// <summary>Percent of images whose class is the largest float score.</summary>
    public static double Float(Graph graph, ImageSet images) => Percent(FloatClasses(graph, images), images.Labels!);

    /// <summary>Percent of images whose class is the largest integer score.</summary>
    public static double Integer(Graph graph, ImageSet images) => Percent(IntegerClasses(graph, images), images.Labels!);

    /// <summary>Percent right of the integer graph, and the number of images on which both agree.</summary>
    public static (double Percent, int Same) Compare(Graph graph, Graph quantized, ImageSet images)
    {
        int[] real = FloatClasses(graph, images), whole = IntegerClasses(quantized, images);
        return (Percent(whole, images.Labels!), real.Zip(whole).Count(pair => pair.First == pair.Second));
    }

    private static int[] FloatClasses(Graph graph, ImageSet images)
    {
        int[] classes = new int[images.Count];
        FloatInterpreter first = new(graph);
        Parallel.For(0, images.Count, first.Fork, (n, _, interpreter) =>
        {
            float[] scores = new float[interpreter.ScoreElements];
            interpreter.Run(InputImages.Values(graph, images, n), scores);
            classes[n] = Array.IndexOf(scores, scores.Max());
            return interpreter;
        }, _ => { });
        return classes;
    }

    // The fast engine is twenty times as fast as the reference and, on the first images, held to its answers. It also takes the plain
    // operands of the weights-only form, which no machine accepts.
    private static int[] IntegerClasses(Graph graph, ImageSet images)
    {
        EbspProgram program =
            ModelCompiler.Lower(graph, new CompileOptions(ArchPresets.Find("default-4")!, 1, new string('0', 64), ""), null);
        int[] classes = new int[images.Count];
        Parallel.For(0, images.Count, () => new Machine(program, new MachineOptions { PlainOperands = true }), (n, _, machine) =>
        {
            machine.WriteImage(0, images.PixelsOf(n));
            machine.Run();
            int[] scores = new int[program.Io.Output.Channels];
            machine.ReadIntegers(0, scores);
            if (n < ComparedImages)
                CollectionAssert.AreEqual(
                    new IntegerReference(graph).Scores(InputImages.Integers(graph, InputImages.Values(graph, images, n))), scores);
            classes[n] = Array.IndexOf(scores, scores.Max());
            return machine;
        }, _ => { });
        return classes;
    }

    private static double Percent(int[] classes, int[] labels) => 100.0 * classes.Zip(labels)
        .Count(pair => pair.First == pair.Second) / classes.Length;
}
