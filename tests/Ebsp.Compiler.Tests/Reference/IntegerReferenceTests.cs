using System.Numerics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Tests.Reference;

[TestClass]
public class IntegerReferenceTests
{
    private static readonly PatternFormat U6 = PatternFormat.Window(6, 3, signed: false);
    private static readonly PatternFormat S6 = PatternFormat.Window(6, 3, signed: true);

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void Run_RandomConvolutions_EqualsNaiveLoops(int seed)
    {
        Random random = new(seed);
        for (int round = 0; round < 25; round++)
        {
            int groups = random.Next(3) == 0 ? random.Next(2, 5) : 1;
            int channels = groups * random.Next(1, 6), outputs = groups * random.Next(1, 20);
            Shape shape = new(channels, random.Next(3, 11), random.Next(3, 13));
            KernelWindow window = new(random.Next(1, 4), random.Next(1, 4), random.Next(1, 3), random.Next(1, 3),
                random.Next(2), random.Next(2), random.Next(2), random.Next(2), random.Next(1, 3), 1);
            if (window.Output(shape.Height, shape.Width) is { Height: < 1 } or { Width: < 1 })
                continue;
            IntegerConv conv = new(outputs, window, groups, S6,
                [.. Values(random, S6, outputs * (channels / groups) * window.KernelRows * window.KernelColumns).Select(v => (sbyte)v)],
                [.. Enumerable.Range(0, outputs).Select(_ => random.Next(-1000, 1000))]);
            GraphBuilder builder = new("test", "x", shape, new InputEncoding(U6, 1, 1));
            string output = builder.Add("conv", conv, "x");
            int[] input = Values(random, U6, (int)shape.Elements);
            int[] result = new IntegerReference(builder.Build(output)).Run(input).Scores;
            CollectionAssert.AreEqual(Naive.Conv(conv, input, shape), result,
                $"round {round}: {conv.Geometry}, {shape}, {outputs} outputs, {groups} groups");
        }
    }

    [TestMethod]
    public void Run_AccumulatorBeyondInt32_Wraps()
    {
        GraphBuilder builder = new("test", "x", new Shape(1, 1, 1), new InputEncoding(U6, 1, 1));
        string first = builder.Add("conv", new IntegerConv(1, new KernelWindow(1, 1), 1, S6, [28], [int.MaxValue]), "x");
        int[] result = new IntegerReference(builder.Build(first)).Run([56]).Scores;
        Assert.AreEqual(unchecked(int.MaxValue + 28 * 56), result[0]);
    }

    [TestMethod]
    public void Run_RandomRequantizations_EqualsBigIntegers()
    {
        Random random = new(5);
        PatternFormat[] formats =
            [U6, S6, PatternFormat.Window(5, 1, true), PatternFormat.Uniform(8, false), PatternFormat.Uniform(8, true),
            PatternFormat.Int16, PatternFormat.Int32];
        for (int round = 0; round < 300; round++)
        {
            int channels = random.Next(1, 6);
            Shape shape = new(channels, random.Next(1, 4), random.Next(1, 4));
            PatternFormat format = formats[random.Next(formats.Length)];
            Term term = format.IsPattern ? (Term)random.Next(3) : Term.Whole;
            int limit = (int)((1L << format.MagnitudeBits) - 1);
            int hi = random.Next(2) == 0 ? limit : random.Next(0, limit);
            int lo = format.Signed ? random.Next(2) == 0 ? -limit : random.Next(-limit, hi) : 0;
            bool two = random.Next(2) == 0;
            Requantize op = new([.. Numbers(random, random.Next(2) == 0 ? 1 : channels)], false, two ? random.Next(-1 << 20, 1 << 20) : 0,
                random.Next(2) == 0 ? [] : [.. Enumerable.Range(0, channels).Select(_ => random.NextInt64(-1L << 40, 1L << 40))],
                random.Next(1, 41), lo, hi, format, term);
            GraphBuilder builder = new("test", "x", shape, new InputEncoding(PatternFormat.Uniform(8, true), 1, 1));
            string a = builder.Add("wide", new Requantize([1 << 30], false, 0, [], random.Next(10, 31), -32767, 32767, PatternFormat.Int16),
                "x");
            string y = two ? builder.Add("y", op, a, "x") : builder.Add("y", op, a);
            int[] input = Values(random, PatternFormat.Uniform(8, true), (int)shape.Elements);
            ReferenceRun run = new IntegerReference(builder.Build(y)).Run(input);
            int[] wanted = [.. run.Tensors[a].Select((value, i) => Naive.Requantize(op, value, two ? input[i] : 0, i % channels))];
            CollectionAssert.AreEqual(wanted, run.Scores, $"round {round}");
        }

        static IEnumerable<int> Numbers(Random random, int count) => Enumerable.Range(0, count)
            .Select(_ => random.Next(-1 << random.Next(1, 31), 1 << random.Next(1, 31)));
    }

    [TestMethod]
    public void Run_RandomPools_EqualsNaiveLoops()
    {
        Random random = new(6);
        for (int round = 0; round < 60; round++)
        {
            Shape shape = new(random.Next(1, 5), random.Next(3, 9), random.Next(3, 9));
            int rows = random.Next(1, 4), columns = random.Next(1, 4);
            KernelWindow window = new(rows, columns, random.Next(1, 3), random.Next(1, 3),
                random.Next(rows), random.Next(columns), random.Next(rows), random.Next(columns));
            bool ceil = random.Next(2) == 0;
            GraphBuilder builder = new("test", "x", shape, new InputEncoding(PatternFormat.Uniform(8, true), 1, 1));
            string max = builder.Add("max", new MaxPool(window, ceil), "x"), sum = builder.Add("sum", new SumPool(window, ceil), "x");
            string average = builder.Add("average", new Requantize(
                [.. Enumerable.Range(1, rows * columns).Select(n => (1 << 20) / n)], true, 0, [], 20, -127, 127,
                    PatternFormat.Uniform(8, true)), sum);
            int[] input = Values(random, PatternFormat.Uniform(8, true), (int)shape.Elements);
            Graph graph = builder.Build(average);
            ReferenceRun run = new IntegerReference(graph).Run(input);
            (int[] wantedMax, int[] wantedSum, int[] counts) = Naive.Pools(window, input, shape, graph.TypeOf(max).Shape);
            CollectionAssert.AreEqual(wantedMax, run.Tensors[max], $"round {round}");
            CollectionAssert.AreEqual(wantedSum, run.Tensors[sum], $"round {round}");
            int[] wanted = [.. wantedSum.Select((s, i) => (int)Math.Floor((s * (double)((1 << 20) / counts[i]) + (1 << 19)) / (1 << 20)))];
            CollectionAssert.AreEqual(wanted, run.Tensors[average], $"round {round}");
        }
    }

    [TestMethod]
    public void Run_Concat_PutsChannelsSideBySide()
    {
        PatternFormat s8 = PatternFormat.Uniform(8, true);
        GraphBuilder builder = new("test", "x", new Shape(3, 1, 2), new InputEncoding(s8, 1, 1));
        string part = builder.Add("part", new Slice(1, 2, 0, 1, 1, 0, 1, 2), "x");
        Graph graph = builder.Build(builder.Add("y", new Concat(), part, "x", part));
        Assert.IsEmpty(Verifier.Check(graph));
        CollectionAssert.AreEqual(new[] { 2, 3, 1, 2, 3, 2, 3, 5, 6, 4, 5, 6, 5, 6 },
            new IntegerReference(graph).Scores([1, 2, 3, 4, 5, 6]));
    }

    [TestMethod]
    public void Run_SlicePadProductLookUp_EqualDefinitions()
    {
        Random random = new(7);
        PatternFormat s8 = PatternFormat.Uniform(8, true);
        Shape shape = new(4, 5, 6);
        GraphBuilder builder = new("test", "x", shape, new InputEncoding(s8, 1, 1));
        string slice = builder.Add("slice", new Slice(1, 2, 1, 2, 2, 0, 3, 2), "x");
        string pad = builder.Add("pad", new Pad(1, 2, 1, 0, 0, 3), slice);
        string product = builder.Add("product", new TensorProduct([3, 5, 7, 9], 4, -127, 127, s8), "x", "x");
        byte[] table = [.. Enumerable.Range(0, 256).Select(code => (byte)(code == 128 ? 0 : code ^ (code == 0 ? 0 : 128)))];
        string negated = builder.Add("negated", new LookUp(s8, [.. table]), "x");
        int[] input = Values(random, s8, (int)shape.Elements);
        ReferenceRun run = new IntegerReference(builder.Build(pad)).Run(input);
        int At(int y, int x, int c) => input[(y * 6 + x) * 4 + c];
        for (int y = 0; y < 3; y++)
        {
            for (int x = 0; x < 5; x++)
            {
                for (int c = 0; c < 5; c++)
                {
                    bool inside = y >= 1 && x < 2 && c is 1 or 2 && y >= 1 && x < 2;
                    Assert.AreEqual(inside ? At(1 + 2 * (y - 1), 3 * x, c) : 0, run.Tensors[pad][(y * 5 + x) * 5 + c], $"{y} {x} {c}");
                }
            }
        }

        for (int i = 0; i < input.Length; i++)
        {
            int m = new[] { 3, 5, 7, 9 }[i % 4];
            Assert.AreEqual(Math.Clamp((int)Math.Floor((input[i] * input[i] * m + 8) / 16.0), -127, 127), run.Tensors[product][i]);
            Assert.AreEqual(-input[i], run.Tensors[negated][i]);
        }
    }

    [TestMethod]
    public void Scores_AnyDegree_EqualsRun()
    {
        Random random = new(8);
        GraphBuilder builder = new("test", "x", new Shape(3, 4, 4), new InputEncoding(U6, 1, 1));
        string acc = builder.Add("conv",
            new IntegerConv(5, new KernelWindow(4, 4), 1, S6, [.. Values(random, S6, 240).Select(v => (sbyte)v)], [.. new int[5]]), "x");
        Graph graph = builder.Build(builder.Add("y", new Requantize([1 << 10], false, 0, [], 10, -32767, 32767, PatternFormat.Int16), acc));
        int[][] images = [.. Enumerable.Range(0, 20).Select(_ => Values(random, U6, 48))];
        IntegerReference reference = new(graph);
        int[][] one = reference.Scores(20, n => images[n], 1), four = reference.Scores(20, n => images[n], 4);
        for (int n = 0; n < 20; n++)
        {
            CollectionAssert.AreEqual(one[n], four[n]);
            CollectionAssert.AreEqual(one[n], reference.Run(images[n]).Scores);
        }
    }

    [TestMethod]
    public void Run_WrongLength_Throws()
    {
        GraphBuilder builder = new("test", "x", new Shape(3, 4, 4), new InputEncoding(U6, 2, 1));
        IntegerReference reference = new(builder.Build(builder.Add("max", new MaxPool(new KernelWindow(2, 2), false), "x")));
        Assert.ThrowsExactly<ArgumentException>(() => reference.Run(new int[48]));
        Assert.IsNotNull(reference.Run(new int[96]));
    }

    private static int[] Values(Random random, PatternFormat format, int count)
    {
        int[] values = [.. format.Values()];
        return [.. Enumerable.Range(0, count).Select(_ => values[random.Next(values.Length)])];
    }

    /// <summary>The same operations written from their formulas, element by element.</summary>
    private static class Naive
    {
        public static int[] Conv(IntegerConv conv, int[] input, Shape shape)
        {
            KernelWindow g = conv.Geometry;
            (int height, int width) = g.Output(shape.Height, shape.Width);
            int channels = shape.Channels / conv.Groups, outputs = conv.OutputChannels / conv.Groups;
            List<int> result = [];
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                    for (int k = 0; k < conv.OutputChannels; k++)
                    {
                        long sum = conv.Bias[k];
                        for (int c = 0; c < channels; c++)
                            for (int r = 0; r < g.KernelRows; r++)
                                for (int s = 0; s < g.KernelColumns; s++)
                                {
                                    int row = y * g.StrideY + r * g.DilationY - g.PadTop, column = x * g.StrideX
                                        + s * g.DilationX - g.PadLeft;
                                    if (row >= 0 && row < shape.Height && column >= 0 && column < shape.Width)
                                        sum += (long)input[(row * shape.Width + column) * shape.Channels + k / outputs * channels + c]
                                            * conv.Weights[((k * channels + c) * g.KernelRows + r) * g.KernelColumns + s];
                                }

                        result.Add((int)sum);
                    }

            return [.. result];
        }

        public static int Requantize(Requantize op, int a, int b, int c)
        {
            BigInteger sum = (BigInteger)a * op.Multipliers[op.Multipliers.Length == 1 ? 0 : c] + (BigInteger)b * op.SecondMultiplier
                + (op.Offsets.IsEmpty ? 0 : op.Offsets[c]) + BigInteger.Pow(2, op.Shift - 1);
            BigInteger r = BigInteger.Max(op.Lo, BigInteger.Min(op.Hi, FloorDivide(sum, BigInteger.Pow(2, op.Shift))));
            int value = (int)r, magnitude = Math.Abs(value);
            if (!op.Format.IsPattern)
                return value;
            int[] set = [.. op.Format.Magnitudes()];
            int floor = set.Last(m => m <= magnitude);
            int chosen = op.Term switch
            {
                Term.First => floor,
                Term.Second => Nearest(set, magnitude - floor),
                _ => Nearest(set, magnitude),
            };
            return value < 0 ? -chosen : chosen;
        }

        public static (int[] Max, int[] Sum, int[] Count) Pools(KernelWindow g, int[] input, Shape shape, Shape output)
        {
            List<int> max = [], sum = [], count = [];
            for (int y = 0; y < output.Height; y++)
                for (int x = 0; x < output.Width; x++)
                    for (int c = 0; c < shape.Channels; c++)
                    {
                        List<int> seen = [];
                        for (int row = y * g.StrideY - g.PadTop; row < y * g.StrideY - g.PadTop + g.KernelRows; row++)
                            for (int column = x * g.StrideX - g.PadLeft; column < x * g.StrideX - g.PadLeft + g.KernelColumns; column++)
                            {
                                if (row >= 0 && row < shape.Height && column >= 0 && column < shape.Width)
                                    seen.Add(input[(row * shape.Width + column) * shape.Channels + c]);
                            }

                        max.Add(seen.Max());
                        sum.Add(seen.Sum());
                        count.Add(seen.Count);
                    }

            return ([.. max], [.. sum], [.. count]);
        }

        private static BigInteger FloorDivide(BigInteger a, BigInteger b) => (a - (((a % b) + b) % b)) / b;

        private static int Nearest(int[] set, int magnitude) => set.OrderBy(m => Math.Abs(m - magnitude)).ThenByDescending(m => m).First();
    }
}
