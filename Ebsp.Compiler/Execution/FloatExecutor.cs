using System.Collections.Immutable;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;

namespace Ebsp.Compiler.Execution;

/// <summary>The float network.</summary>
/// <param name="graph">A float graph.</param>
public sealed class FloatExecutor(Graph graph) : Executor
{
    private readonly FloatInterpreter _interpreter = new(graph);

    /// <inheritdoc/>
    public override string Name => "float reference";

    /// <inheritdoc/>
    public override Shape Input => graph.InputShape;

    /// <inheritdoc/>
    public override ImmutableArray<ExecutorOutput> Outputs { get; } = OutputsOf(graph);

    /// <inheritdoc/>
    public override ImmutableArray<string> Labels => graph.Labels;

    /// <inheritdoc/>
    public override float[][] RunOutputs(ImageSet images, int threads = 1, Action<int>? done = null,
        CancellationToken cancellation = default)
    {
        int[] sizes = [.. Outputs.Select(output => (int)output.Shape.Elements)];
        float[][] scores = Room(images.Count);
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, images.Count, options, _interpreter.Fork, (n, _, interpreter) =>
        {
            interpreter.Run(InputImages.Values(graph, images, n), scores[0].AsSpan(n * sizes[0], sizes[0]));
            for (int i = 1; i < sizes.Length; i++)
                interpreter.Read(i, scores[i].AsSpan(n * sizes[i], sizes[i]));
            done?.Invoke(1);
            return interpreter;
        }, _ => { });
        return scores;
    }

    /// <inheritdoc/>
    public override NpyArray Dump(ImageSet images, string tensor, CancellationToken cancellation = default)
    {
        Shape shape = graph.TypeOf(TensorNames.Require(graph, tensor)).Shape;
        float[] scores = new float[_interpreter.ScoreElements];
        float[] values = new float[images.Count * shape.Elements];
        for (int n = 0; n < images.Count; n++)
        {
            cancellation.ThrowIfCancellationRequested();
            Memory<float> target = values.AsMemory(n * (int)shape.Elements);
            _interpreter.Run(InputImages.Values(graph, images, n), scores, (name, made) =>
            {
                if (name == tensor)
                    made.CopyTo(target.Span);
            });
        }

        return new NpyArray([images.Count, shape.Channels, shape.Height, shape.Width], values);
    }
}
