using System.Collections.Immutable;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Quantization.Calibration;
using Ebsp.Compiler.Quantization.Emission;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Tests.Quantization;

/// <summary>Emission from numbers that somebody has, as training does it.</summary>
[TestClass]
public sealed class EmissionTests
{
    [TestMethod]
    [DataRow("6:3", "6:3")]
    [DataRow("8:4x2", "8:4x2")]
    [DataRow("5:2", "8")]
    public void Run_NumbersThatACalibrationFound_SameGraphByteForByte(string weights, string activations)
    {
        Graph graph = FloatPasses.Run(Network());
        ImageSet images = QuantizerTests.Noise(graph.InputShape, 12);
        Assert.IsTrue(OperandFormat.TryParse(weights, out OperandFormat w));
        Assert.IsTrue(OperandFormat.TryParse(activations, out OperandFormat a));
        QuantizerOptions options = new() { Weights = w, Activations = a, Threads = 2 };
        QuantizationPlan plan = QuantizationPlan.Of(graph, options);
        Recorder recorder = new(new CalibratedScales(plan, QuantizedRanges.Take(graph), images, options));
        byte[] calibrated = GraphFile.Serialize(GraphEmitter.Run(plan, recorder));
        CollectionAssert.AreEqual(GraphFile.Serialize(Quantizer.Run(graph, images, options).Graph), calibrated);
        CollectionAssert.AreEqual(calibrated, GraphFile.Serialize(GraphEmitter.Run(plan, recorder.Recorded)));
    }

    [TestMethod]
    public void Plan_FormatsOfLayers_AreThoseOfTheOptions()
    {
        QuantizerOptions options = new()
        {
            Layers = new Dictionary<string, LayerFormats> { ["n4"] = new(new OperandFormat(8, 2), new OperandFormat(5, 3)) },
        };
        QuantizationPlan plan = QuantizationPlan.Of(FloatPasses.Run(Network()), options);
        LayerStep[] layers = [.. plan.Steps.OfType<LayerStep>().Where(step => step.Weights is not null)];
        Assert.AreEqual(new OperandFormat(8, 3), layers[0].Weights);
        Assert.AreEqual(new OperandFormat(8, 3), layers[^1].Weights);
        LayerStep named = layers.Single(step => step.Producer!.Name == "n4");
        Assert.AreEqual(new OperandFormat(8, 2), named.Weights);
        Assert.AreEqual(new OperandFormat(5, 3), plan.StepOf(named.Producer!.Inputs[0]).Operand);
        Assert.AreEqual(2, plan.InputTerms);
        Assert.AreEqual(Forms.Projected, plan.Input.Forms);
        Assert.AreEqual(Forms.Scores, plan.StepOf(plan.Graph.OutputName).Forms);
    }

    private static Graph Network()
    {
        SmallNetwork net = new(7, new Shape(3, 8, 8));
        string stem = net.Relu(net.Conv("x", 8, 3, pad: 1));
        string block = net.Conv(net.Relu(net.Conv(stem, 8, 3, pad: 1)), 8, 3, pad: 1);
        return net.Build(net.Full(net.Relu(net.Add(block, stem)), 5));
    }

    /// <summary>Passes everything on and keeps the numbers.</summary>
    private sealed class Recorder(IScaleSource inner) : IScaleSource
    {
        private readonly Dictionary<string, LayerWeights> _weights = [];
        private readonly Dictionary<(string Tensor, PatternFormat Format, int Terms), double> _scales = [];
        private readonly Dictionary<string, ImmutableArray<double>> _offsets = [];
        private readonly List<double?> _largest = [];

        public IScaleSource Recorded => new Given(this);

        public InputEncoding Input => inner.Input;

        public LayerWeights WeightsOf(LayerStep step, StoredTensor input) => _weights[step.Output] = inner.WeightsOf(step, input);

        public double ScaleOf(PlannedStep step, PatternFormat format, int terms) =>
            _scales[(step.Output, format, terms)] = inner.ScaleOf(step, format, terms);

        public ImmutableArray<double> OffsetsOf(LayerStep step, RealSum sum) => _offsets[step.Output] = inner.OffsetsOf(step, sum);

        public double? LargestOf(LayerStep step, RealSum sum)
        {
            _largest.Add(inner.LargestOf(step, sum));
            return _largest[^1];
        }

        public void Added(Node node, GraphBuilder graph) => inner.Added(node, graph);

        public void Finished(PlannedStep step, EmittedStep emitted) => inner.Finished(step, emitted);

        private sealed class Given(Recorder recorder) : IScaleSource
        {
            private int _asked;

            public InputEncoding Input => recorder.Input;

            public LayerWeights WeightsOf(LayerStep step, StoredTensor input) => recorder._weights[step.Output];

            public double ScaleOf(PlannedStep step, PatternFormat format, int terms) => recorder._scales[(step.Output, format, terms)];

            public ImmutableArray<double> OffsetsOf(LayerStep step, RealSum sum) => recorder._offsets[step.Output];

            public double? LargestOf(LayerStep step, RealSum sum) => recorder._largest[_asked++];
        }
    }
}
