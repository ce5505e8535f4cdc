using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>How the host writes the network's input: format, terms and scale.</summary>
internal static class InputCoding
{
    /// <summary>Values of float maps stay below it, so that their products with integers stay inside float32.</summary>
    public const float MostMagnitude = 1e30f;

    /// <summary>The coding with the least error on the calibration images.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="images">Preprocessed calibration images, H, W, C.</param>
    /// <param name="isRaw">Whether they were raw pixels, which all of 0..255 may follow.</param>
    public static InputEncoding Choose(QuantizationPlan plan, float[][] images, bool isRaw)
    {
        (Graph graph, InputStep input) = (plan.Graph, plan.Input);
        bool signed = images.Any(image => image.Any(x => x < 0)) || (isRaw && PixelValues(graph).Any(x => x < 0));
        // Terms are lowered to channels of a convolution; what else reads the input reads one integer.
        bool isOperand = input.Forms == Forms.Projected && input.MultipliedBy.Length > 0
            && input.MultipliedBy.All(node => node.Inputs[0] == graph.InputName && node.Op is not Conv { Groups: > 1 });
        PatternFormat format = input.Forms.HasFlag(Forms.Plain) ? PatternFormat.Uniform(8, signed) : input.Operand.WithSign(signed);
        int terms = isOperand && format.IsPattern ? plan.InputTerms : 1;
        return new InputEncoding(format, terms, Scale(graph, images, format, terms));
    }

    /// <summary>The integers of an image as the host writes them, H, W, terms * C.</summary>
    public static int[] Encoded(float[] image, InputEncoding encoding, int channels)
    {
        int width = encoding.Terms * channels;
        int[] integers = new int[image.Length * encoding.Terms];
        for (int i = 0; i < image.Length; i++)
        {
            int value = InputEncoder.Quantize(image[i], encoding.Scale, encoding.Format);
            for (int term = 0; term < encoding.Terms; term++)
                integers[i / channels * width + term * channels + i % channels] =
                    InputEncoder.TermOf(value, term, encoding.Terms, encoding.Format);
        }

        return integers;
    }

    /// <summary>The sum of the terms of an encoded image, H, W, C.</summary>
    public static int[] Whole(int[] integers, InputEncoding encoding, int channels)
    {
        if (encoding.Terms == 1)
            return integers;
        int[] whole = new int[integers.Length / 2];
        for (int i = 0; i < whole.Length; i++)
        {
            int first = i / channels * 2 * channels + i % channels;
            whole[i] = integers[first] + integers[first + channels];
        }

        return whole;
    }

    private static double Scale(Graph graph, float[][] images, PatternFormat format, int terms)
    {
        const int Most = 100_000;
        long total = images.Sum(image => (long)image.Length);
        int step = (int)Math.Max(1, total / Most) | 1;
        float[] sample = [.. images.SelectMany(image => image).Where((_, i) => i % step == 0)];
        double largest = images.Max(image => image.Max(Math.Abs));
        if (largest == 0)
            return 1;
        double best = 1, least = double.PositiveInfinity;
        foreach (double scale in Candidates(graph, largest, format))
        {
            NearestSum sum = new(new InputEncoding(format, terms, scale));
            double error = 0;
            foreach (float x in sample)
            {
                double difference = x - scale * sum.Of(InputEncoder.Quantize(x, scale, format));
                error += difference * difference;
            }

            if (error < least)
                (best, least) = (scale, error);
        }

        return best;
    }

    // The step from one pixel value to the next makes every integer exact where it fits the format.
    private static IEnumerable<double> Candidates(Graph graph, double largest, PatternFormat format)
    {
        int limit = (1 << format.MagnitudeBits) - 1;
        for (int c = 0; c < graph.InputShape.Channels; c++)
        {
            double pixel = Math.Abs(graph.Preprocessing.Apply(1, c) - graph.Preprocessing.Apply(0, c));
            for (int parts = 1; parts <= 4; parts++)
            {
                if (pixel > 0 && largest * parts / pixel <= limit + 0.5)
                    yield return pixel / parts;
            }
        }

        for (int i = 0; i < 48; i++)
            yield return largest / limit * (1 - i / 96.0);
    }

    private static IEnumerable<double> PixelValues(Graph graph)
    {
        for (int c = 0; c < graph.InputShape.Channels; c++)
        {
            yield return graph.Preprocessing.Apply(0, c);
            yield return graph.Preprocessing.Apply(255, c);
        }
    }

    /// <summary>Sum of the terms of every integer, by table.</summary>
    private sealed class NearestSum
    {
        private readonly int[] _sums;
        private readonly int _least;

        public NearestSum(InputEncoding encoding)
        {
            int limit = (1 << encoding.Format.MagnitudeBits) - 1;
            _least = encoding.Format.Signed ? -limit : 0;
            _sums = [.. Enumerable.Range(_least, limit - _least + 1).Select(value => Enumerable.Range(0, encoding.Terms)
                .Sum(term => InputEncoder.TermOf(value, term, encoding.Terms, encoding.Format)))];
        }

        public int Of(int value) => _sums[value - _least];
    }

    /// <summary>Calibration images as H, W, C maps.</summary>
    /// <exception cref="EbspException">EBSP2013: they have another size, or a value that is not finite.</exception>
    public static float[][] Images(Graph graph, ImageSet set)
    {
        if (set.Shape != graph.InputShape)
            throw DiagnosticDescriptors.CalibrationMisfit.Error(set.Name, null,
                $"images of {set.Shape} for an input of {graph.InputShape}");
        float[][] maps = new float[set.Count][];
        for (int n = 0; n < maps.Length; n++)
        {
            float[] values = Reference.InputImages.Values(graph, set, n);
            if (!values.All(float.IsFinite))
                throw DiagnosticDescriptors.CalibrationMisfit.Error(set.Name, null, $"image {n} has a value that is not finite");
            if (values.Any(value => Math.Abs(value) >= MostMagnitude))
                throw DiagnosticDescriptors.CalibrationMisfit.Error(set.Name, null,
                    $"image {n} has a value of magnitude {MostMagnitude:0e+0} or more");
            maps[n] = new float[values.Length];
            Reference.FloatOps.Layout.ToRows(values, maps[n], graph.InputShape);
        }

        return maps;
    }
}
