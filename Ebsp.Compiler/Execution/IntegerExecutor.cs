using System.Collections.Immutable;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Execution;

/// <summary>A network on integers without a machine: the integer reference, or the own integers of an already quantized network.</summary>
public sealed class IntegerExecutor : Executor
{
    private readonly Graph _graph;
    private readonly double[] _scales;
    private readonly Func<float[], int[][]> _scores;
    private readonly Func<float[], IReadOnlyDictionary<string, int[]>> _tensors;

    /// <summary>The integer reference.</summary>
    public IntegerExecutor(Graph graph)
    {
        IntegerReference reference = new(graph);
        (_graph, Name, Outputs) = (graph, "integer reference", OutputsOf(graph));
        _scales = [.. graph.Outputs.Select(output => graph.TypeOf(output.Name).Scale)];
        _scores = image => reference.Outputs(InputImages.Integers(graph, image));
        _tensors = image => reference.Run(InputImages.Integers(graph, image)).Tensors;
    }

    /// <summary>The own integers of an already quantized network.</summary>
    public IntegerExecutor(Graph graph, QdqReference reference)
    {
        (_graph, Name, Outputs, _scales) = (graph, "own integers", OutputsOf(reference.Graph), [reference.OutputScale]);
        _scores = image => [reference.Run(image)];
        _tensors = image => reference.Tensors(image);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override Shape Input => _graph.InputShape;

    /// <inheritdoc/>
    public override ImmutableArray<ExecutorOutput> Outputs { get; }

    /// <inheritdoc/>
    public override ImmutableArray<string> Labels => _graph.Labels;

    /// <inheritdoc/>
    public override float[][] RunOutputs(ImageSet images, int threads = 1, Action<int>? done = null,
        CancellationToken cancellation = default)
    {
        float[][] scores = Room(images.Count);
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, images.Count, options, n =>
        {
            int[][] integers = _scores(InputImages.Values(_graph, images, n));
            for (int i = 0; i < integers.Length; i++)
            {
                (_, Shape shape, OutputTransform transform) = Outputs[i];
                int size = (int)shape.Elements;
                // The reference has its integers in the order H, W, C.
                OutputTransforms.WriteScores(integers[i], 1, shape.Channels, _scales[i], (int)transform, new double[shape.Channels],
                    scores[i].AsSpan(n * size, size));
            }

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
