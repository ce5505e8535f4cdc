using System.Collections.Immutable;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Execution;

/// <summary>One output of an executor.</summary>
/// <param name="Name">Name of the tensor.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Transform">What the host has done with it.</param>
public sealed record ExecutorOutput(string Name, Shape Shape, OutputTransform Transform);

/// <summary>Something that gives images their scores: the machine, the integer reference or the float reference.</summary>
public abstract class Executor
{
    /// <summary>What it is, in two words.</summary>
    public abstract string Name { get; }

    /// <summary>Shape of an image in real channels.</summary>
    public abstract Shape Input { get; }

    /// <summary>The outputs in order, at least one.</summary>
    public abstract ImmutableArray<ExecutorOutput> Outputs { get; }

    /// <summary>Shape of a result of the first output.</summary>
    public Shape Output => Outputs[0].Shape;

    /// <summary>What the host has done with the scores of the first output.</summary>
    public OutputTransform Transform => Outputs[0].Transform;

    /// <summary>Class names, or empty.</summary>
    public abstract ImmutableArray<string> Labels { get; }

    /// <summary>Runs all images and gives the first output; the result does not depend on the number of threads.</summary>
    /// <param name="images">Images of the shape of <see cref="Input"/>.</param>
    /// <param name="threads">Threads, at least 1.</param>
    /// <param name="done">Called with the number of images that have just been done, from any of the threads; null for nobody.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <returns>N x C x H x W scores.</returns>
    public float[] Run(ImageSet images, int threads = 1, Action<int>? done = null, CancellationToken cancellation = default) =>
        RunOutputs(images, threads, done, cancellation)[0];

    /// <summary>Runs all images and gives all outputs.</summary>
    /// <inheritdoc cref="Run"/>
    /// <returns>For each output N x C x H x W values.</returns>
    public abstract float[][] RunOutputs(ImageSet images, int threads = 1, Action<int>? done = null,
        CancellationToken cancellation = default);

    /// <summary>Room for the values of so many images, an array an output.</summary>
    /// <param name="images">Images.</param>
    protected float[][] Room(int images) => [.. Outputs.Select(output => new float[images * output.Shape.Elements])];

    /// <summary>The outputs of a graph.</summary>
    /// <param name="graph">The graph.</param>
    protected static ImmutableArray<ExecutorOutput> OutputsOf(Graph graph) =>
        [.. graph.Outputs.Select(output => new ExecutorOutput(output.Name, graph.TypeOf(output.Name).Shape, output.Transform))];

    /// <summary>One tensor of every image.</summary>
    /// <param name="images">Images of the shape of <see cref="Input"/>.</param>
    /// <param name="tensor">Name of the tensor.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <returns>N x C x H x W values, int32 or float32.</returns>
    /// <exception cref="Diagnostics.EbspException">No such tensor is stored.</exception>
    public abstract NpyArray Dump(ImageSet images, string tensor, CancellationToken cancellation = default);

    /// <summary>The executor of a model: the fast engine for a program, the integer reference for a quantized graph, the float reference
    /// for a float graph.</summary>
    public static Executor Of(ModelFile model) => model.Program is { } program ? new MachineExecutor(program)
        : model.Graph!.IsInteger ? new IntegerExecutor(model.Graph) : new FloatExecutor(model.Graph);
}
