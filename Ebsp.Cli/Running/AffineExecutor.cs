using System.Collections.Immutable;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;
using Ebsp.Isa.Numerics;

namespace Ebsp.Cli.Running;

/// <summary>An already quantised network on its own integers.</summary>
internal sealed class AffineExecutor(Graph graph) : Executor
{
    private readonly AffineReference _reference = new(graph);

    public override string Name => "own integers";

    public override Shape Input => graph.InputShape;

    public override Shape Output => graph.TypeOf(graph.OutputName).Shape;

    public override OutputTransform Transform => _reference.Graph.OutputTransform;

    public override ImmutableArray<string> Labels => graph.Labels;

    public override float[] Run(ImageSet images, int threads, Action<int> done, CancellationToken cancellation)
    {
        TensorType type = new(Output, PatternFormat.Int32, _reference.OutputScale);
        int size = (int)Output.Elements;
        float[] scores = new float[(long)images.Count * size];
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, images.Count, options, n =>
        {
            int[] integers = _reference.Run(InputImages.Values(graph, images, n));
            OutputScores.Write(integers, type, _reference.Graph.OutputTransform, scores.AsSpan(n * size, size));
            done(1);
        });
        return scores;
    }

    public override NpyArray Dump(ImageSet images, string tensor, CancellationToken cancellation)
    {
        Shape shape = graph.TypeOf(Tensors.Require(graph, tensor)).Shape;
        int size = (int)shape.Elements, plane = shape.Height * shape.Width;
        int[] values = new int[(long)images.Count * size];
        for (int n = 0; n < images.Count; n++)
        {
            cancellation.ThrowIfCancellationRequested();
            int[] made = Tensors.Require(_reference.Tensors(InputImages.Values(graph, images, n)), tensor);
            for (int i = 0; i < size; i++)
                values[n * size + i % shape.Channels * plane + i / shape.Channels] = made[i];
        }

        return new NpyArray([images.Count, shape.Channels, shape.Height, shape.Width], values);
    }
}
