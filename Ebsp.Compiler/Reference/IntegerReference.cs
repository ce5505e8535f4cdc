using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference.IntegerOps;

namespace Ebsp.Compiler.Reference;

/// <summary>
/// Runs an integer graph image by image in plain loops: the definition that the machine has to meet bit for bit. It runs any
/// well-formed integer graph, plain operands of convolutions included, which no machine accepts.
/// </summary>
public sealed class IntegerReference
{
    private readonly Graph _graph;
    private readonly Func<Func<string, int[]>, int[]>[] _steps;
    private readonly string[][] _lastRead;

    /// <summary>Prepares the graph.</summary>
    /// <param name="graph">A verified integer graph.</param>
    /// <exception cref="ArgumentException">The graph is a float graph.</exception>
    public IntegerReference(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        if (!graph.IsInteger)
            throw new ArgumentException("the integer reference runs integer graphs", nameof(graph));
        _graph = graph;
        Dictionary<string, Node> makers = graph.Nodes.ToDictionary(node => node.Output, StringComparer.Ordinal);
        _steps = [.. graph.Nodes.Select(node => Prepare(node, graph.TypeOf, makers.GetValueOrDefault(node.Inputs[0])))];
        _lastRead = new string[_steps.Length][];
        HashSet<string> read = [.. graph.Outputs.Select(output => output.Name)];
        for (int i = _steps.Length - 1; i >= 0; i--)
            _lastRead[i] = [.. graph.Nodes[i].Inputs.Where(read.Add)];
    }

    /// <summary>Runs one image.</summary>
    /// <param name="input">The input tensor as the host writes it: H, W, terms * C in that order.</param>
    /// <returns>Every tensor.</returns>
    /// <exception cref="ArgumentException">The input has another length.</exception>
    public ReferenceRun Run(ReadOnlySpan<int> input) => new(_graph, RunAll(input, keep: true));

    /// <summary>Runs one image and keeps the class scores alone.</summary>
    /// <inheritdoc cref="Run"/>
    public int[] Scores(ReadOnlySpan<int> input) => RunAll(input, keep: false)[_graph.OutputName];

    /// <summary>Runs one image and keeps the outputs alone, in order.</summary>
    /// <inheritdoc cref="Run"/>
    public int[][] Outputs(ReadOnlySpan<int> input)
    {
        Dictionary<string, int[]> tensors = RunAll(input, keep: false);
        return [.. _graph.Outputs.Select(output => tensors[output.Name])];
    }

    /// <summary>Class scores of many images.</summary>
    /// <param name="count">Number of images.</param>
    /// <param name="input">The input tensor of an image; called from several threads.</param>
    /// <param name="degree">Images at a time, at least 1.</param>
    /// <returns>Scores of each image.</returns>
    public int[][] Scores(int count, Func<int, int[]> input, int degree)
    {
        int[][] scores = new int[count][];
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = degree }, n => scores[n] = Scores(input(n)));
        return scores;
    }

    /// <summary>Prepares one node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="typeOf">Type of a tensor.</param>
    /// <param name="producer">The node that makes its first input, or null.</param>
    /// <returns>From the tensors that it reads to the tensor that it makes.</returns>
    internal static Func<Func<string, int[]>, int[]> Prepare(Node node, Func<string, TensorType> typeOf, Node? producer)
    {
        Shape input = typeOf(node.Inputs[0]).Shape, output = typeOf(node.Output).Shape;
        string a = node.Inputs[0];
        string? b = node.Inputs.Length > 1 ? node.Inputs[1] : null;
        switch (node.Op)
        {
            case IntegerConv conv:
                ConvReference convolution = new(conv, input);
                return tensors => convolution.Run(tensors(a));
            case Requantize op:
                (SumPool, Shape)? before = producer?.Op is SumPool pool ? (pool, typeOf(producer.Inputs[0]).Shape) : null;
                RequantizeReference requantize = new(op, input, before);
                return tensors => requantize.Run(tensors(a), b is null ? null : tensors(b));
            case TensorProduct op:
                TensorProductReference product = new(op, input);
                return tensors => product.Run(tensors(a), tensors(b!));
            case SumPool op:
                return tensors => PoolReference.Sum(tensors(a), input, output, op.Geometry);
            case MaxPool op:
                return tensors => PoolReference.Max(tensors(a), input, output, op.Geometry);
            case Slice op:
                return tensors => MoveReference.Slice(op, tensors(a), input);
            case Pad op:
                return tensors => MoveReference.Pad(op, tensors(a), input, output);
            case Concat:
                int[] parts = [.. node.Inputs.Select(each => typeOf(each).Shape.Channels)];
                return tensors => MoveReference.Concat([.. node.Inputs.Select(tensors)], parts);
            case Assemble op:
                Shape[] shapes = [.. node.Inputs.Select(each => typeOf(each).Shape)];
                return tensors => MoveReference.Assemble(op, [.. node.Inputs.Select(tensors)], shapes);
            case ResponseNorm op:
                return tensors => ResponseNormReference.Run(op, tensors(a), input);
            case LookUp op:
                return tensors => LookUpReference.Run(op, tensors(a), typeOf(a).Format!.Value);
            default:
                throw new ArgumentException($"{node.Op.GetType().Name} is not an integer operation", nameof(node));
        }
    }

    private Dictionary<string, int[]> RunAll(ReadOnlySpan<int> input, bool keep)
    {
        if (input.Length != _graph.TypeOf(_graph.InputName).Shape.Elements)
            throw new ArgumentException($"the input tensor is {_graph.TypeOf(_graph.InputName)}", nameof(input));
        Dictionary<string, int[]> tensors = new(StringComparer.Ordinal) { [_graph.InputName] = input.ToArray() };
        for (int i = 0; i < _steps.Length; i++)
        {
            tensors.Add(_graph.Nodes[i].Output, _steps[i](name => tensors[name]));
            if (keep)
                continue;
            foreach (string dead in _lastRead[i])
                tensors.Remove(dead);
        }

        return tensors;
    }
}
