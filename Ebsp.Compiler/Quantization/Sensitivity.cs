using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization.Calibration;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Compiler.Reference.FloatOps;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>A wider format for the weights of a layer, or for a tensor and so for all layers that multiply it.</summary>
/// <param name="Key">The layer, or the tensor.</param>
/// <param name="Layers">Layers whose options change.</param>
/// <param name="IsWeights">Which operand.</param>
/// <param name="Format">Its new format.</param>
/// <param name="Gain">What it takes off the squared error of the scores for a cycle.</param>
internal sealed record FormatStep(string Key, IReadOnlyList<string> Layers, bool IsWeights, OperandFormat Format, double Gain);

/// <summary>
/// How much each operand's rounding adds to the error of the scores: the float network with one operand rounded, all others as they are,
/// on a few images. Errors of operands are taken as independent, so that they add up.
/// </summary>
internal sealed class Sensitivity
{
    private const int MostImages = 8;

    // Assumed: error feedback and refit leave a quarter of the power that nearest rounding of weights gives.
    private const double AfterFeedback = 0.25;

    private readonly Graph _graph;
    private readonly Dictionary<string, IFloatKernel> _kernels;
    private readonly Dictionary<string, float[]>[] _maps;
    private readonly int _threads;

    private Sensitivity(Graph graph, ImageSet images, int threads)
    {
        _graph = graph;
        _threads = threads;
        _kernels = graph.Nodes.ToDictionary(node => node.Output, node => KernelOf(node, node.Op), StringComparer.Ordinal);
        float[][] inputs = InputCoding.Images(graph, images);
        _maps = new Dictionary<string, float[]>[inputs.Length];
        Parallel.For(0, inputs.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, n =>
        {
            Dictionary<string, float[]> maps = new(StringComparer.Ordinal) { [graph.InputName] = inputs[n] };
            foreach (Node node in graph.Nodes)
                maps[node.Output] = Run(node, _kernels[node.Output], maps);
            _maps[n] = maps;
        });
    }

    /// <summary>Outputs of the float graph before the host's transforms, by image and output, in the order of a machine: C, H, W.</summary>
    public static float[][][] FloatScores(Graph graph, ImageSet images, int threads) => [.. Enumerable.Range(0, images.Count).Select(n =>
    {
        Dictionary<string, float[]> maps = new Sensitivity(graph, images.Part(n, 1), threads)._maps[0];
        return graph.Outputs.Select(output =>
        {
            float[] planes = new float[maps[output.Name].Length];
            Layout.ToPlanes(maps[output.Name], planes, graph.TypeOf(output.Name).Shape);
            return planes;
        }).ToArray();
    })];

    /// <summary>Squared difference of two scores, and the power of the first, the mean taken off both: it changes no order.</summary>
    public static (double Signal, double Noise) Compare(ReadOnlySpan<float> real, ReadOnlySpan<float> other)
    {
        double mean = 0, otherMean = 0, signal = 0, noise = 0;
        for (int i = 0; i < real.Length; i++)
        {
            mean += real[i] / real.Length;
            otherMean += other[i] / real.Length;
        }

        for (int i = 0; i < real.Length; i++)
        {
            double value = real[i] - mean, difference = value - (other[i] - otherMean);
            signal += value * value;
            noise += difference * difference;
        }

        return (signal, noise);
    }

    /// <summary>Steps from narrow formats to wide ones, the best first; those of one operand in the order of their width.</summary>
    /// <param name="graph">A float graph that went through the passes.</param>
    /// <param name="images">Calibration images.</param>
    /// <param name="narrow">Where every operand starts.</param>
    /// <param name="patternLength">k of all formats.</param>
    /// <param name="cyclesOf">Cycles by layer under some options.</param>
    public static List<FormatStep> Order(Graph graph, ImageSet images, QuantizerOptions narrow, int patternLength,
        Func<QuantizerOptions, Dictionary<string, long>> cyclesOf)
    {
        Sensitivity sensitivity = new(graph, images.Part(0, Math.Min(MostImages, images.Count)), narrow.Threads);
        Node[] layers = [.. graph.Nodes.Where(node => node.Op is Conv or FullyConnected)];
        OperandFormat[] wider = [new(8, patternLength), new(8, patternLength, FormatKind.Window, 2)];
        Dictionary<string, long> start = cyclesOf(narrow);
        Dictionary<string, long>[] byWeights = [.. wider.Select(format => cyclesOf(All(format, null)))];
        Dictionary<string, long>[] byActivations = [.. wider.Select(format => cyclesOf(All(null, format)))];
        QuantizationPlan plan = QuantizationPlan.Of(graph, narrow);
        Dictionary<string, OperandFormat> weightsOf = plan.Steps.OfType<LayerStep>().Where(step => step.Weights is not null)
            .ToDictionary(step => step.Producer!.Name, step => step.Weights!.Value, StringComparer.Ordinal);
        List<FormatStep> steps = [];
        foreach (Node layer in layers)
        {
            OperandFormat first = weightsOf[layer.Name];
            steps.AddRange(Climb(layer.Name, [layer.Name], true, first, format => sensitivity.OfWeights(layer, format), byWeights));
        }

        foreach (IGrouping<string, Node> group in layers.GroupBy(layer => layer.Inputs[0]))
        {
            PlannedStep stored = plan.StepOf(group.Key);
            Node[] multiplying = [.. group];
            steps.AddRange(Climb(group.Key, [.. multiplying.Select(layer => layer.Name)], false, stored.Operand,
                format => !stored.MayHaveTwoTerms && format.Terms == 2 ? double.PositiveInfinity
                    : sensitivity.OfActivations(group.Key, multiplying, format), byActivations));
        }

        return [.. steps.OrderByDescending(step => step.Gain).ThenBy(step => step.Key, StringComparer.Ordinal)
            .ThenBy(step => step.IsWeights)];

        QuantizerOptions All(OperandFormat? weights, OperandFormat? activations) =>
            narrow with { Layers = layers.ToDictionary(layer => layer.Name, _ => new LayerFormats(weights, activations)) };

        // The upper hull of error taken off over cycles: gains fall from step to step.
        IEnumerable<FormatStep> Climb(string key, string[] names, bool isWeights, OperandFormat first, Func<OperandFormat, double> errorOf,
            Dictionary<string, long>[] cycles)
        {
            List<(OperandFormat Format, double Error, long Cycles)> levels = [(first, errorOf(first), CyclesIn(start))];
            for (int i = 0; i < wider.Length; i++)
            {
                if (wider[i] != first)
                    levels.Add((wider[i], errorOf(wider[i]), CyclesIn(cycles[i])));
            }

            for (int at = 0; at < levels.Count - 1;)
            {
                (double gain, int next) = Enumerable.Range(at + 1, levels.Count - at - 1)
                    .Select(i => (Gain: (levels[at].Error - levels[i].Error) / Math.Max(1, levels[i].Cycles - levels[at].Cycles), i))
                        .MaxBy(each => each.Gain);
                if (!(gain > 0))
                    yield break;
                yield return new FormatStep(key, names, isWeights, levels[next].Format, gain);
                at = next;
            }

            long CyclesIn(Dictionary<string, long> all) => names.Sum(name => all.GetValueOrDefault(name));
        }
    }

    private double OfWeights(Node layer, OperandFormat format)
    {
        (Conv? conv, FullyConnected? full) = (layer.Op as Conv, layer.Op as FullyConnected);
        float[] weights = [.. conv?.Weights ?? full!.Weights];
        int outputs = conv?.OutputChannels ?? full!.OutputChannels, row = weights.Length / outputs;
        WeightSolver solver = new(NearestTable.Of(format.WithSign(signed: true), format.Terms), []);
        Parallel.For(0, outputs, new ParallelOptions { MaxDegreeOfParallelism = _threads }, k =>
        {
            ChannelWeights solved = solver.Solve([.. weights.AsSpan(k * row, row).ToArray().Select(weight => (double)weight)], 1e-30);
            for (int i = 0; i < row; i++)
                weights[k * row + i] = (float)(solved.Values[i] * solved.Scale);
        });
        IFloatKernel kernel =
            KernelOf(layer, conv is not null ? conv with { Weights = [.. weights] } : full! with { Weights = [.. weights] });
        return AfterFeedback * Error(n => new() { [layer.Output] = Run(layer, kernel, _maps[n]) });
    }

    private double OfActivations(string tensor, Node[] readers, OperandFormat operand)
    {
        double largest = _maps.Max(maps => maps[tensor].Max(Math.Abs));
        bool isSigned = _maps.Any(maps => maps[tensor].Any(value => value < 0));
        NearestTable nearest = NearestTable.Of(operand.WithSign(isSigned), operand.Terms);
        MagnitudeHistogram histogram = new(largest);
        foreach (Dictionary<string, float[]> maps in _maps)
            histogram.Add(maps[tensor]);
        double scale = ScaleSearch.Best(histogram, nearest);
        return Error(n =>
        {
            Dictionary<string, float[]> rounded =
                new(StringComparer.Ordinal) { [tensor] =
                Array.ConvertAll(_maps[n][tensor], value => (float)(nearest.Value(value / scale) * scale)) };
            return readers.ToDictionary(reader => reader.Output, reader => Run(reader, _kernels[reader.Output], rounded),
                StringComparer.Ordinal);
        });
    }

    // Squared error of the scores where some tensors are others.
    private double Error(Func<int, Dictionary<string, float[]>> changedOf)
    {
        double[] errors = new double[_maps.Length];
        Parallel.For(0, errors.Length, new ParallelOptions { MaxDegreeOfParallelism = _threads }, n =>
        {
            Dictionary<string, float[]> changed = changedOf(n), maps = _maps[n];
            HashSet<string> given = [.. changed.Keys];
            foreach (Node node in _graph.Nodes)
            {
                if (given.Contains(node.Output) || !node.Inputs.Any(changed.ContainsKey))
                    continue;
                Dictionary<string, float[]> inputs = new(StringComparer.Ordinal);
                foreach (string input in node.Inputs)
                    inputs[input] = changed.GetValueOrDefault(input) ?? maps[input];
                changed[node.Output] = Run(node, _kernels[node.Output], inputs);
            }

            foreach (GraphOutput output in _graph.Outputs)
            {
                if (!changed.TryGetValue(output.Name, out float[]? scores))
                    continue;
                (double signal, double noise) = Compare(maps[output.Name], scores);
                // Of several outputs each counts in shares of its own power.
                errors[n] += _graph.OtherOutputs.IsEmpty ? noise : noise / Math.Max(signal, 1e-30);
            }
        });
        return errors.Sum();
    }

    private IFloatKernel KernelOf(Node node, Op op)
    {
        Shape[] inputs = [.. node.Inputs.Select(input => _graph.TypeOf(input).Shape)];
        return FloatKernels.For(op, inputs[0], _graph.TypeOf(node.Output).Shape, inputs.AsSpan(1));
    }

    private float[] Run(Node node, IFloatKernel kernel, Dictionary<string, float[]> maps)
    {
        float[] result = new float[_graph.TypeOf(node.Output).Shape.Elements];
        kernel.Run([.. node.Inputs.Select(input => maps[input])], result, new float[kernel.ScratchElements]);
        return result;
    }
}
