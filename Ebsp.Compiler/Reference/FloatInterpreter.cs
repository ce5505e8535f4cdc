using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference.FloatOps;

namespace Ebsp.Compiler.Reference;

/// <summary>
/// Runs a float graph in float32, one image at a time. One instance serves one thread; <see cref="Fork"/> makes more that share the
/// rearranged weights.
/// </summary>
public sealed class FloatInterpreter
{
    private readonly FloatPlan _plan;
    private readonly float[][] _slots;
    private readonly float[][] _inputs;
    private readonly float[] _scratch;
    private readonly GraphOutput[] _outputs;
    private float[] _observed = [];

    /// <summary>Prepares a graph.</summary>
    /// <exception cref="ArgumentException">The graph is an integer graph.</exception>
    public FloatInterpreter(Graph graph)
        : this(new FloatPlan(graph))
    {
    }

    private FloatInterpreter(FloatPlan plan)
    {
        _plan = plan;
        _outputs = [.. plan.Graph.Outputs];
        _slots = [.. plan.SlotElements.Select(elements => new float[elements])];
        _inputs = new float[plan.Steps.Select(step => step.InputSlots.Length).DefaultIfEmpty().Max()][];
        _scratch = new float[plan.ScratchElements];
    }

    /// <summary>The graph.</summary>
    public Graph Graph => _plan.Graph;

    /// <summary>Elements of one image: C*H*W of the input.</summary>
    public int ImageElements => (int)Graph.InputShape.Elements;

    /// <summary>Elements of one result: C*H*W of the first output, the number of classes of a classifier.</summary>
    public int ScoreElements => (int)Graph.TypeOf(Graph.OutputName).Shape.Elements;

    /// <summary>An interpreter for another thread.</summary>
    public FloatInterpreter Fork() => new(_plan);

    /// <summary>Runs one image.</summary>
    /// <param name="image">Preprocessed input in C, H, W order.</param>
    /// <param name="scores">The first output in C, H, W order; <see cref="Read"/> gives the others.</param>
    /// <param name="observer">Sees the input and every tensor.</param>
    /// <exception cref="ArgumentException">A length is wrong.</exception>
    public void Run(ReadOnlySpan<float> image, Span<float> scores, TensorObserver? observer = null)
    {
        if (image.Length != ImageElements || scores.Length != ScoreElements)
            throw new ArgumentException($"an image has {ImageElements} elements and its result {ScoreElements}");
        Layout.ToRows(image, _slots[_plan.InputSlot], Graph.InputShape);
        observer?.Invoke(Graph.InputName, image);
        foreach (FloatStep step in _plan.Steps)
        {
            Span<float> output = _slots[step.OutputSlot].AsSpan(0, (int)step.Shape.Elements);
            for (int i = 0; i < step.InputSlots.Length; i++)
                _inputs[i] = _slots[step.InputSlots[i]];
            step.Kernel.Run(_inputs.AsSpan(0, step.InputSlots.Length), output, _scratch);
            if (observer is null)
                continue;
            if (_observed.Length < output.Length)
                _observed = new float[output.Length];
            Layout.ToPlanes(output, _observed, step.Shape);
            observer(step.Tensor, _observed.AsSpan(0, output.Length));
        }

        Read(0, scores);
    }

    /// <summary>An output of the last image that ran.</summary>
    /// <param name="output">Which output, from 0.</param>
    /// <param name="values">It in C, H, W order.</param>
    public void Read(int output, Span<float> values)
    {
        Shape shape = Graph.TypeOf(_outputs[output].Name).Shape;
        float[] rows = _slots[_plan.OutputSlots[output]];
        if (_outputs[output].Transform != OutputTransform.None)
        {
            float[] transformed = new float[values.Length];
            SoftmaxKernel.Apply(rows.AsSpan(0, values.Length), transformed, _outputs[output].Transform, shape.Channels);
            rows = transformed;
        }

        Layout.ToPlanes(rows, values, shape);
    }

    /// <summary>Runs many images, several at once. The result does not depend on the number of threads.</summary>
    /// <param name="graph">A float graph.</param>
    /// <param name="images">N preprocessed images one after the other, each in C, H, W order.</param>
    /// <param name="maxDegreeOfParallelism">Most threads; -1 for one a core.</param>
    /// <param name="observer">Sees every tensor of every image, from several threads at once and in no fixed order of images.</param>
    /// <param name="cancellation">Stops between images.</param>
    /// <returns>N results one after the other.</returns>
    /// <exception cref="ArgumentException">The length is no multiple of an image.</exception>
    public static float[] RunAll(
        Graph graph, ReadOnlyMemory<float> images, int maxDegreeOfParallelism = -1,
        ImageObserver? observer = null, CancellationToken cancellation = default)
    {
        FloatInterpreter first = new(graph);
        int size = first.ImageElements, classes = first.ScoreElements;
        if (images.Length % size != 0)
            throw new ArgumentException($"{images.Length} values for images of {size}", nameof(images));
        int count = images.Length / size;
        float[] scores = new float[(long)count * classes];
        ParallelOptions options = new() { MaxDegreeOfParallelism = maxDegreeOfParallelism, CancellationToken = cancellation };
        Parallel.For(0, count, options, first.Fork, (image, _, interpreter) =>
        {
            TensorObserver? one = observer is null ? null : (tensor, values) => observer(image, tensor, values);
            interpreter.Run(images.Span.Slice(image * size, size), scores.AsSpan(image * classes, classes), one);
            return interpreter;
        }, _ => { });
        return scores;
    }
}
