using System.Collections.Immutable;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Tests.Ir;

/// <summary>Small graphs in which every operation occurs.</summary>
internal static class GraphSamples
{
    public static readonly PatternFormat U6 = PatternFormat.Window(6, 3, signed: false), S6 = PatternFormat.Window(6, 3, signed: true);
    public static readonly PatternFormat U8 = PatternFormat.Uniform(8, signed: false), S8 = PatternFormat.Uniform(8, signed: true);

    public static Graph Float()
    {
        GraphBuilder b = new("float", "x", new Shape(2, 6, 6)) { Preprocessing = new Preprocessing(1 / 255.0, [.1, .2], [.5, .25], true),
            Labels = ["a", "b"] };
        string t = b.Add("conv", new Conv(4, new KernelWindow(3, 3, 1, 1, 1, 1, 1, 1), 2, Floats(36), Floats(4)), "x");
        t = b.Add("norm", new ChannelAffine(Floats(4), Floats(4)), t);
        t = b.Add("relu", new Clamp(0, float.PositiveInfinity), t);
        string s = b.Add("slice", new Slice(0, 4, 0, 2, 3, 0, 2, 3), t);
        t = b.Add("max", new MaxPool(new KernelWindow(2, 2, 2, 2), true), t);
        t = b.Add("add", new Add(), t, s);
        t = b.Add("concat", new Concat(), t, s, t);
        t = b.Add("part", new Slice(2, 4, 0, 1, 3, 0, 1, 3), t);
        t = b.Add("pad", new Pad(1, 1, 0, 1, 0, 0), t);
        t = b.Add("lrn", new LocalResponseNorm(3, 0.5f, 0.75f, 1), t);
        t = b.Add("sub", new Subtract(), b.Add("tanh", new PointFunction(PointFunctionKind.Tanh), t),
            Pool(t));
        string gate = b.Add("mean", new AveragePool(new KernelWindow(3, 4), false, false), t);
        // Functions that follow each other would be read as one: something lies between.
        gate = Pool(b.Add("gate", new PointFunction(PointFunctionKind.HardSigmoid, 0.25f, 0.5f), gate));
        t = b.Add("mul", new Multiply(), t, b.Add("sigmoid", new PointFunction(PointFunctionKind.Sigmoid), gate));
        t = Pool(b.Add("leaky", new PointFunction(PointFunctionKind.LeakyRelu, 0.125f), t));
        t = Pool(b.Add("elu", new PointFunction(PointFunctionKind.Elu, 1.5f), t));
        t = Pool(b.Add("swish", new PointFunction(PointFunctionKind.HardSwish), t));
        t = b.Add("written", new PointFunction(PointExpression.Input + PointExpression.Of(PointStepKind.Abs, PointExpression.Input)), t);
        t = b.Add("avg", new AveragePool(new KernelWindow(2, 2, PadTop: 1), false, true), t);
        t = b.Add("fc", new FullyConnected(2, Floats(6 * 3 * 3 * 2), Floats(2)), t);
        return b.Build(b.Add("soft", new Softmax(), t));

        string Pool(string tensor) => b.Add("between", new MaxPool(new KernelWindow(1, 1), false), tensor);
    }

    public static Graph Integer()
    {
        GraphBuilder b = new("integer", "x", new Shape(1, 4, 4), new InputEncoding(U6, 2, 0.25)) { Preprocessing = Preprocessing.None };
        string psum = b.Add("conv", Conv(), 0.5, "x");
        string plain = b.Add("plain", Requantize(U8, hi: 255), 0.125, psum);
        string first = b.Add("first", Requantize(U6, hi: 63) with { Term = Term.First, Offsets = [1, -2, 3] }, 0.125, psum);
        string sum = b.Add("sum", new SumPool(new KernelWindow(2, 2, 2, 2, 1, 1, 1, 1), false), plain);
        string mean = b.Add("mean", new Requantize([1 << 20, 1 << 19, 349525, 1 << 18], true, 0, [], 20, 0, 255, U8), 0.125, sum);
        string max = b.Add("max", new MaxPool(new KernelWindow(2, 2, 2, 2, 1, 1, 1, 1), false), first);
        string concat = b.Add("concat", new Concat(), max, max);
        string part = b.Add("part", new Slice(1, 3, 0, 1, 3, 0, 1, 3), concat);
        string add = b.Add("add", Requantize(S8, lo: -127, hi: 127) with { SecondMultiplier = -77 }, 0.25, part, mean);
        string table = b.Add("table", new LookUp(S6, [.. Enumerable.Range(0, 256).Select(i => (byte)(i & 1))]), 0.5, add);
        string norm = b.Add("norm",
            new ResponseNorm(2, [.. Enumerable.Range(0, LocalResponse.Entries(LocalResponse.LargestSum(2, S6)))], 8, -31, 31, S6), 0.5,
            table);
        string product = b.Add("product", new TensorProduct([5], 4, -31, 31, S6), 0.5, norm, add);
        return b.Build(b.Add("scores",
            Conv() with { Geometry = new KernelWindow(3, 3), Weights = Weights(2 * 3 * 9), OutputChannels = 2, Bias = [1, 2] }, 0.5,
            product),
            OutputTransform.LogSoftmax);
    }

    public static IntegerConv Conv() => new(3, new KernelWindow(1, 1), 1, S6, [1, -2, 3, 28, -28, 0], [1 << 30, -(1 << 30), 0]);

    public static Requantize Requantize(PatternFormat format, int lo = 0, int hi = 31) =>
        new([1000, -1000, int.MaxValue], false, 0, [], 10, lo, hi, format);

    private static ImmutableArray<float> Floats(int count) => [.. Enumerable.Range(0, count).Select(i => (i * 37 % 19 - 9) / 8f)];

    private static ImmutableArray<sbyte> Weights(int count) => [.. Enumerable.Range(0, count).Select(i => (sbyte)(i % 8 - 4))];
}
