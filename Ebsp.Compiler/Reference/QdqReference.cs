using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Reference.FloatOps;

namespace Ebsp.Compiler.Reference;

/// <summary>
/// Runs an already quantized network (QuantizeLinear, DequantizeLinear) on its own integers, zero points and all: the 8-bit baseline
/// that other formats are compared with. No machine runs it. A stored tensor holds integer - zero point, so padding is 0;
/// accumulators are exact int32, and each is rounded once, ties to even.
/// </summary>
/// <remarks>
/// ONNX defines the same network by float32 arithmetic between the rounded tensors. The two differ where a float32 sum falls on the
/// other side of a rounding boundary: here the sum is exact and the factor a double, so nothing but the rounding itself is lost.
/// </remarks>
public sealed class QdqReference
{
    private readonly QdqPlan _plan;

    /// <summary>Prepares a network.</summary>
    /// <param name="graph">A verified float graph with its quantization.</param>
    /// <exception cref="Diagnostics.EbspException">EBSP2021: weights or tensors without quantization. EBSP2014: a sum beyond
    /// int32.</exception>
    public QdqReference(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        // It has the first output alone.
        Graph = MoveOutputTransform.Run(RemoveUnread.Run(graph with { OtherOutputs = [] }));
        _plan = new QdqPlan(Graph);
    }

    /// <summary>Whether a graph holds any quantization of tensors.</summary>
    public static bool IsQuantized(Graph graph) => !graph.IsInteger && graph.Nodes.Any(node => node.Op is QuantizeDequantize);

    /// <summary>The network.</summary>
    public Graph Graph { get; }

    /// <summary>Real value of one unit of the output.</summary>
    public float OutputScale => _plan.OutputScale;

    /// <summary>Runs one image.</summary>
    /// <param name="image">Preprocessed values, C, H, W.</param>
    /// <returns>The output in units of <see cref="OutputScale"/>, H, W, C.</returns>
    /// <exception cref="ArgumentException">The image has another length.</exception>
    public int[] Run(ReadOnlySpan<float> image) => Tensors(image, keep: false)[Graph.OutputName];

    /// <summary>Runs one image and keeps every stored tensor.</summary>
    /// <param name="image">Preprocessed values, C, H, W.</param>
    /// <returns>Integer - zero point of each tensor, H, W, C.</returns>
    /// <exception cref="ArgumentException">The image has another length.</exception>
    public IReadOnlyDictionary<string, int[]> Tensors(ReadOnlySpan<float> image) => Tensors(image, keep: true);

    private Dictionary<string, int[]> Tensors(ReadOnlySpan<float> image, bool keep)
    {
        if (image.Length != Graph.InputShape.Elements)
            throw new ArgumentException($"an image has {Graph.InputShape.Elements} elements", nameof(image));
        float[] rows = new float[image.Length];
        Layout.ToRows(image, rows, Graph.InputShape);
        Dictionary<string, int[]> tensors = new(StringComparer.Ordinal);
        foreach (AffineStep step in _plan.Steps)
        {
            tensors.Add(step.Output, step.Run(rows, name => tensors[name]));
            if (keep)
                continue;
            foreach (string dead in step.LastReads)
                tensors.Remove(dead);
        }

        return tensors;
    }
}
