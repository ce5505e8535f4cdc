using System.Collections.Immutable;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Execution;

/// <summary>A network on integers without a machine: the integer reference, or the own integers of an already quantized network.</summary>
public sealed class IntegerExecutor : Executor
{
    private readonly Graph _graph;
    private readonly TensorType _output;
    private readonly Func<float[], int[]> _scores;
    private readonly Func<float[], IReadOnlyDictionary<string, int[]>> _tensors;

    /// <summary>The integer reference.</summary>
    public IntegerExecutor(Graph graph)
    {
        IntegerReference reference = new(graph);
        (_graph, _output, Name, Transform) = (graph, graph.TypeOf(graph.OutputName), "integer reference", graph.OutputTransform);
        _scores = image => reference.Scores(InputImages.Integers(graph, image));
        _tensors = image => reference.Run(InputImages.Integers(graph, image)).Tensors;
    }

    /// <summary>The own integers of an already quantized network.</summary>
    public IntegerExecutor(Graph graph, QdqReference reference)
    {
        _output = new TensorType(graph.TypeOf(graph.OutputName).Shape, PatternFormat.Int32, reference.OutputScale);
        (_graph, Name, Transform) = (graph, "own integers", reference.Graph.OutputTransform);
        _scores = image => reference.Run(image);
        _tensors = image => reference.Tensors(image);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override Shape Input => _graph.InputShape;

    /// <inheritdoc/>
    public override Shape Output => _output.Shape;

    /// <inheritdoc/>
    public override OutputTransform Transform { get; }

    /// <inheritdoc/>
    public override ImmutableArray<string> Labels => _graph.Labels;

    /// <inheritdoc/>
    public override float[] Run(ImageSet images, int threads = 1, Action<int>? done = null,
        CancellationToken cancellation = default)
    {
        int size = (int)Output.Elements;
        float[] scores = new float[(long)images.Count * size];
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, images.Count, options, n =>
        {
            // The reference has its integers in the order H, W, C.
            OutputTransforms.WriteScores(_scores(InputImages.Values(_graph, images, n)), 1, Output.Channels, _output.Scale, (int)Transform,
                new double[Output.Channels], scores.AsSpan(n * size, size));
            done?.Invoke(1);
        });
        return scores;
    }

    /// <inheritdoc/>
    public override NpyArray Dump(ImageSet images, string tensor, CancellationToken cancellation = default)
    {
        Shape shape = _graph.TypeOf(TensorNames.Require(_graph, tensor)).Shape;
        int size = (int)shape.Elements, plane = shape.Height * shape.Width;
        int[] values = new int[(long)images.Count * size];
        for (int n = 0; n < images.Count; n++)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] made = TensorNames.Require(_tensors(InputImages.Values(_graph, images, n)), tensor);
            for (int i = 0; i < size; i++)
                values[n * size + i % shape.Channels * plane + i / shape.Channels] = made[i];
        }

        return new NpyArray([images.Count, shape.Channels, shape.Height, shape.Width], values);
    }
}
