using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Calibration;
using Ebsp.Compiler.Quantization.Emission;

namespace Ebsp.Compiler.Quantization;

/// <summary>
/// Turns a float network into an integer network without training: a plan of what is stored in which format, numbers from calibration
/// images or from the network itself, and the emission of the integer graph.
/// </summary>
public static class Quantizer
{
    /// <summary>Quantizes a network.</summary>
    /// <param name="graph">A float graph; the float passes run on it first. The ranges of an already quantized one replace calibration of
    /// its tensors.</param>
    /// <param name="calibration">Images of its input size, such as 512 of its training set; null for an already quantized network, whose
    /// weights then go by their values alone.</param>
    /// <param name="options">Formats and measures; null takes the defaults.</param>
    /// <param name="progress">Told the name of each tensor as it is stored, how many are, and how many there will be.</param>
    /// <param name="cancellation">Stops between tensors.</param>
    /// <returns>The integer graph, the same for any number of threads.</returns>
    /// <exception cref="EbspException">EBSP2011: an operation has no integer form. EBSP2012: an option names no format. EBSP2013: images
    /// that do not fit. EBSP2021: no images, and a tensor without a range. EBSP2014, EBSP2015: an accumulator or a requantization may
    /// overflow.</exception>
    public static QuantizationResult Run(
        Graph graph, ImageSet? calibration, QuantizerOptions? options = null,
        IProgress<(string Tensor, int Done, int Total)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        options ??= new QuantizerOptions();
        OptionCheck.Check(options, graph);
        QuantizedRanges ranges = QuantizedRanges.Take(graph);
        if (calibration is null)
        {
            QuantizationPlan plan = QuantizationPlan.Of(ranges.Graph, options);
            DeclaredScales declared = new(plan, ranges, options);
            (Graph written, EmittedPlan steps) = EmittedPlan.Run(plan, declared, progress, cancellation);
            return new QuantizationResult(written, declared.Reports) { Emitted = steps };
        }

        QuantizationResult result = Calibrate(ranges.Graph);
        // A network that says its own ranges keeps them.
        if (!options.Equalize || ranges.Largest.Count > 0)
            return result;
        // Used where it helps: the calibration images tell.
        QuantizationResult equalized = Calibrate(CrossLayerEqualization.Run(ranges.Graph, InputCoding.Images(ranges.Graph, calibration),
            options.Threads));
        return equalized.ScoreSignalToNoise > result.ScoreSignalToNoise ? equalized with { IsEqualized = true } : result;

        QuantizationResult Calibrate(Graph network)
        {
            QuantizationPlan plan = QuantizationPlan.Of(network, options);
            CalibratedScales scales = new(plan, ranges, calibration, options);
            (Graph written, EmittedPlan steps) = EmittedPlan.Run(plan, scales, progress, cancellation);
            return new QuantizationResult(written, scales.Reports)
            {
                Emitted = steps,
                Warnings = scales.Warnings,
                Scores = scales.Scores,
            };
        }
    }
}
