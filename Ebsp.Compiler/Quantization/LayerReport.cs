using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>What became of one layer.</summary>
/// <param name="Node">Name of the layer.</param>
/// <param name="Weights">Format of its weights, or null where it has none.</param>
/// <param name="Input">Format of what it reads.</param>
/// <param name="Outputs">Formats in which its output is stored.</param>
/// <param name="OutputSignalToNoise">Power of the float output over that of the error of the stored one, on the calibration images, in dB; of the first of <paramref name="Outputs"/>.</param>
public sealed record LayerReport(string Node, PatternFormat? Weights, PatternFormat Input, IReadOnlyList<PatternFormat> Outputs, double OutputSignalToNoise);

/// <summary>A quantised network.</summary>
/// <param name="Graph">The integer graph, verified and proved.</param>
/// <param name="Layers">One row a layer, in order.</param>
public sealed record QuantizationResult(Graph Graph, IReadOnlyList<LayerReport> Layers);
