using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>What a format makes of the weights of a layer, or of a stored tensor on the calibration images.</summary>
/// <param name="Format">The format.</param>
/// <param name="Terms">1, or 2.</param>
/// <param name="Scale">Real value of one unit; of weights: of the channel with the largest.</param>
/// <param name="Clip">Largest magnitude that the format reaches, (2^M - 1) * <paramref name="Scale"/>.</param>
/// <param name="ClippedShare">Share of the values beyond it, 0..1.</param>
/// <param name="ChangedShare">Share of the values whose nearest integer is not in the set, 0..1: what projection changes.</param>
/// <param name="ZeroShare">Share of the values stored as zero, 0..1.</param>
/// <param name="WindowShares">Share of the values by window position s = 0..M-k, 0..1 each; with two terms of the first. Empty for plain
/// formats.</param>
/// <param name="SignalToNoise">Power of the values over that of what storing them changes, in dB.</param>
/// <param name="UniformSignalToNoise">The same for plain integers of as many bits, each on its best scale, in dB: the price of the pattern
/// is the difference.</param>
public sealed record OperandReport(
    PatternFormat Format, int Terms, double Scale, double Clip, double ClippedShare, double ChangedShare, double ZeroShare,
    IReadOnlyList<double> WindowShares, double SignalToNoise, double UniformSignalToNoise);

/// <summary>What became of one layer.</summary>
/// <param name="Node">Name of the layer.</param>
/// <param name="Weights">Format of its weights, or null where it has none.</param>
/// <param name="Input">Format of what it reads.</param>
/// <param name="Outputs">Formats in which its output is stored.</param>
/// <param name="OutputSignalToNoise">Power of the float output over that of the error of the stored one, on the calibration images, in dB;
/// of the first of <paramref name="Outputs"/>.</param>
public sealed record LayerReport(string Node, PatternFormat? Weights, PatternFormat Input, IReadOnlyList<PatternFormat> Outputs,
    double OutputSignalToNoise)
{
    /// <summary>Its weights, or null where it has none.</summary>
    public OperandReport? WeightValues { get; init; }

    /// <summary>Its stored output, one entry for each of <see cref="Outputs"/> but class scores.</summary>
    public IReadOnlyList<OperandReport> OutputValues { get; init; } = [];

    /// <summary>Whether the host reads its output.</summary>
    public bool IsOutput { get; init; }

    internal static LayerReport Of(LayerStep step, EmittedStep emitted, double signalToNoise) => new(step.Producer?.Name ?? step.Output,
        step.Weights?.WithSign(signed: true), emitted.Read, [.. emitted.Written.Select(form => form.First.Format)], signalToNoise)
    {
        IsOutput = step.Forms.HasFlag(Forms.Scores),
    };

    internal static LayerReport Of(MapStep step, EmittedStep emitted, double signalToNoise) =>
        new(step.Node.Name, null, emitted.Read, [.. emitted.Written.Select(form => form.First.Format)], signalToNoise);
}

/// <summary>A quantized network.</summary>
/// <param name="Graph">The integer graph, verified and proved.</param>
/// <param name="Layers">One row a layer, in order.</param>
public sealed record QuantizationResult(Graph Graph, IReadOnlyList<LayerReport> Layers)
{
    /// <summary>The plan and its numbers, from which training goes on.</summary>
    public required EmittedPlan Emitted { get; init; }

    /// <summary>What is doubtful about it (EBSP2022), in order.</summary>
    public IReadOnlyList<Diagnostic> Warnings { get; init; } = [];

    /// <summary>Scores on the calibration images; null for a network without class scores, and where none were calibrated on.</summary>
    public CalibrationScores? Scores { get; init; }

    /// <summary>Whether channels were equalized across layers: it was asked for, and the scores came out better.</summary>
    public bool IsEqualized { get; init; }

    /// <summary>Power of the float scores over that of the error of the integer ones, on the calibration images, in dB; infinite where they
    /// are equal.</summary>
    /// <remarks>Of several outputs that of the worst.</remarks>
    public double ScoreSignalToNoise => Layers.Where(layer => layer.IsOutput).Select(layer => layer.OutputSignalToNoise)
        .DefaultIfEmpty(Layers.Count == 0 ? double.PositiveInfinity : Layers[^1].OutputSignalToNoise).Min();
}
