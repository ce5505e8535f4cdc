using System.Collections.Immutable;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Execution;

/// <summary>Something that gives images their scores: the machine, the integer reference or the float reference.</summary>
public abstract class Executor
{
    /// <summary>What it is, in two words.</summary>
    public abstract string Name { get; }

    /// <summary>Shape of an image in real channels.</summary>
    public abstract Shape Input { get; }

    /// <summary>Shape of a result.</summary>
    public abstract Shape Output { get; }

    /// <summary>What the host has done with the scores.</summary>
    public abstract OutputTransform Transform { get; }

    /// <summary>Class names, or empty.</summary>
    public abstract ImmutableArray<string> Labels { get; }

    /// <summary>Runs all images; the result does not depend on the number of threads.</summary>
    /// <param name="images">Images of the shape of <see cref="Input"/>.</param>
    /// <param name="threads">Threads, at least 1.</param>
    /// <param name="done">Called with the number of images that have just been done, from any of the threads; null for nobody.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <returns>N x C x H x W scores.</returns>
    public abstract float[] Run(ImageSet images, int threads = 1, Action<int>? done = null, CancellationToken cancellation = default);

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
