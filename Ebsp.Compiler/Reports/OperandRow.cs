using Ebsp.Compiler.Quantization;

namespace Ebsp.Compiler.Reports;

/// <summary>Which operand of a layer a row is about.</summary>
public enum OperandRole
{
    /// <summary>The weights.</summary>
    Weights,

    /// <summary>A stored tensor.</summary>
    Output,
}

/// <summary>What quantization did to the weights or a stored tensor of a layer.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Role">Which operand.</param>
/// <param name="Operand">The numbers.</param>
public sealed record OperandRow(LayerReport Layer, OperandRole Role, OperandReport Operand)
{
    /// <summary>The rows of a quantized network: of each layer first the weights, then every stored tensor.</summary>
    public static IEnumerable<OperandRow> Of(QuantizationResult result)
    {
        foreach (LayerReport layer in result.Layers)
        {
            if (layer.WeightValues is { } weights)
                yield return new OperandRow(layer, OperandRole.Weights, weights);
            foreach (OperandReport output in layer.OutputValues)
                yield return new OperandRow(layer, OperandRole.Output, output);
        }
    }
}
