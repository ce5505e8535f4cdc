using System.Collections.Immutable;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Isa.Numerics;
using Ebsp.Training.Modules;

namespace Ebsp.Training.Export;

/// <summary>What training learned, for the emission that calibration uses too: one network means one arithmetic.</summary>
internal sealed class TrainedScales(TrainableNetwork network) : IScaleSource
{
    // Least scale of a channel beside the largest of its layer (docs/isa.md: scales).
    private const double LeastShare = 1.0 / (1 << 16);

    private readonly Dictionary<string, TrainedLayer> _layers = network.Layers.ToDictionary(each => each.Tensor, each => each.Layer,
        StringComparer.Ordinal);

    public InputEncoding Input => network.Emitted!.Input;

    /// <summary>The graph of a trained network.</summary>
    /// <exception cref="Ebsp.Compiler.Diagnostics.EbspException">EBSP2014, EBSP2015: an accumulator or a requantization may
    /// overflow.</exception>
    public static Graph Emit(TrainableNetwork network) => GraphEmitter.Run(network.Plan, new TrainedScales(network));

    public double ScaleOf(PlannedStep step, PatternFormat format, int terms) => network.ScaleOf(step.Output, format, terms);

    public ImmutableArray<double> OffsetsOf(LayerStep step, RealSum sum) => network.OffsetsOf(step.Output);

    public LayerWeights WeightsOf(LayerStep step, StoredTensor input)
    {
        TrainedLayer layer = _layers[step.Output];
        LearnedScale scale = layer.Scale!;
        float[] integers = new float[layer.Weight.Value.numel()];
        MaskFunction.Project(layer.Weight.Floats, scale, integers, inUnits: true);
        (double Factor, double Offset)[] folded = layer.Folded();
        double inputScale = input.Projected!.Type.Scale;
        int row = integers.Length / folded.Length;

        // Batch normalization goes into the scale of each channel; a negative factor into the signs of its weights.
        double[] scales = [.. folded.Select((each, k) => Math.Abs(each.Factor) * scale.Values[k])];
        double floor = scales.Max() * LeastShare;
        for (int k = 0; k < scales.Length; k++)
        {
            double least = Math.Max(floor > 0 ? floor : 1, Math.Abs(folded[k].Offset) / (inputScale * Verifier.MaxBias * 0.5));
            double shrink = folded[k].Factor < 0 ? -1 : 1;
            if (scales[k] < least)
            {
                // So faint beside the others, or beside its bias, that its weights are rounded again on the least scale.
                shrink *= scales[k] / least;
                scales[k] = least;
                for (int i = k * row; i < (k + 1) * row; i++)
                    integers[i] = (float)Nearest(integers[i] * shrink, scale);
            }
            else if (shrink < 0)
            {
                for (int i = k * row; i < (k + 1) * row; i++)
                    integers[i] = -integers[i];
            }
        }

        return new LayerWeights([.. integers.Select(value => (sbyte)value)], [.. scales],
            [.. folded.Select((each, k) => (int)Math.Clamp(Math.Round(each.Offset / (scales[k] * inputScale)), -Verifier.MaxBias,
                Verifier.MaxBias))]);
    }

    private static double Nearest(double x, LearnedScale scale)
    {
        float[] one = [(float)x];
        FloatProjection.Nearest(one, 1, 1, scale.Format, one);
        return one[0];
    }
}
