using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;

namespace Ebsp.Compiler.Tests.Quantization;

/// <summary>Top-1 of float and integer graphs.</summary>
internal static class Accuracy
{
    /// <summary>Percent of images whose class is the largest float score.</summary>
    public static double Float(Graph graph, ImageSet images) => Percent(FloatClasses(graph, images), images.Labels!);

    /// <summary>Percent of images whose class is the largest integer score.</summary>
    public static double Integer(Graph graph, ImageSet images) => Percent(IntegerClasses(graph, images), images.Labels!);

    /// <summary>Percent right of the integer graph, and the number of images on which both agree.</summary>
    public static (double Percent, int Same) Compare(Graph graph, Graph quantised, ImageSet images)
    {
        int[] real = FloatClasses(graph, images), whole = IntegerClasses(quantised, images);
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

    private static int[] IntegerClasses(Graph graph, ImageSet images) =>
        [.. new IntegerReference(graph).Scores(images.Count, n => InputImages.Integers(graph, InputImages.Values(graph, images, n)), Environment.ProcessorCount)
            .Select(scores => Array.IndexOf(scores, scores.Max()))];

    private static double Percent(int[] classes, int[] labels) => 100.0 * classes.Zip(labels).Count(pair => pair.First == pair.Second) / classes.Length;
}
