using Ebsp.Compiler.Ir;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Tests.CodeGen;

/// <summary>Random small integer graphs of everything that the machine can run.</summary>
internal sealed class RandomGraph
{
    private readonly Random _random;
    private readonly int _patternLength;
    private readonly GraphBuilder _builder;
    private readonly List<string> _patterns = [];
    private readonly List<string> _plain = [];
    private int _number;

    private RandomGraph(int seed, int patternLength)
    {
        _random = new Random(seed);
        _patternLength = patternLength;
        int terms = _random.Next(1, 3);
        Shape input = new(Pick(1, 3, 5, 8, 16), _random.Next(4, 21), _random.Next(4, 21));
        _builder = new GraphBuilder($"random-{seed}", "input", input, new InputEncoding(Pattern(), terms, 1));
        _patterns.Add("input");
    }

    /// <summary>The graph of a seed, for machines of at least this pattern length.</summary>
    public static Graph Make(int seed, int patternLength) => new RandomGraph(seed, patternLength).Build();

    /// <summary>A random input tensor of a graph: H, W, C order, values of its format.</summary>
    public static int[] Input(Graph graph, Random random)
    {
        TensorType type = graph.TypeOf(graph.InputName);
        int[] values = [.. type.Format!.Value.Values()];
        int[] input = new int[type.Shape.Elements];
        for (int i = 0; i < input.Length; i++)
            input[i] = values[random.Next(values.Length)];
        return input;
    }

    private Graph Build()
    {
        for (int i = _random.Next(3, 9); i > 0; i--)
            Step();
        string last = Source();
        string scores = Conv(last, _random.Next(2, 30), new KernelWindow(Shape(last).Height, Shape(last).Width), 1);
        return _builder.Build(Requantize(scores, null, PatternFormat.Int32));
    }

    private void Step()
    {
        string source = Source();
        Shape shape = Shape(source);
        switch (_random.Next(12))
        {
            case 0 or 1 or 2:
                Writes(Conv(source, Pick(8, 16, 24, 40, 5, 100), Geometry(shape), 1));
                break;
            case 3:
                // Depthwise, with one or two outputs a channel where channel groups of 8 stay whole, or in two groups.
                int groups = shape.Channels % 16 == 0 && _random.Next(2) == 0 ? 2 : shape.Channels;
                int multiplier = shape.Channels % 8 != 0 ? 1 : groups == 2 ? Pick(1, 4, 10) : Pick(1, 2);
                Writes(Conv(source, shape.Channels * multiplier, Geometry(shape), groups));
                break;
            case 4:
                string same = Conv(source, shape.Channels, new KernelWindow(3, 3, 1, 1, 1, 1, 1, 1), 1);
                Writes(same);
                break;
            case 10:
                Join(source);
                break;
            case 5 when Any() is var wide && Fits(Shape(wide), 2):
                Keep(Node(new MaxPool(new KernelWindow(2, 2, 2, 2, 0, 0, 0, 0), _random.Next(2) == 0), wide));
                break;
            case 6 when Any() is var wide && Fits(Shape(wide), 2):
                Writes(Node(new SumPool(new KernelWindow(2, 3, 2, 2, 0, 1, 0, 1), false), wide));
                break;
            case 8:
                Keep(Response(Any()));
                break;
            case 9:
                Keep(Product(Any()));
                break;
            case 7 when _plain.Count > 0:
                string plain = _plain[_random.Next(_plain.Count)];
                Keep(Requantize(plain, Partner(Shape(plain)), Format()));
                break;
            default:
                string mapped = Any();
                PatternFormat to = Pattern();
                byte[] table = new byte[256];
                int[] values = [.. to.Values()];
                for (int i = 0; i < 256; i++)
                    table[i] = (byte)SlotCode.Encode(values[_random.Next(values.Length)], to);
                if (_builder.TypeOf(mapped).Format!.Value.Bits <= 8)
                    Keep(Node(new LookUp(to, [.. table]), mapped));
                break;
        }
    }

    // Tensors of one format side by side: made for it, pooled, made for another one too, or twice the same.
    private void Join(string source)
    {
        PatternFormat format = Format();
        // Channels of 16 bits move by groups of 8 alone.
        bool isAligned = format.Bits > 8;
        List<string> parts = [];
        for (int i = _random.Next(2, 4); i > 0; i--)
        {
            string sums = Conv(source, isAligned ? Pick(8, 16, 40) : Pick(8, 24, 5, 3, 13), new KernelWindow(3, 3, 1, 1, 1, 1, 1, 1), 1);
            string part = Requantize(sums, null, format);
            if (_random.Next(3) == 0)
                Keep(part);
            parts.Add(_random.Next(4) == 0 ? Node(new MaxPool(new KernelWindow(3, 3, 1, 1, 1, 1, 1, 1), false), part) : part);
        }

        string joined = Node(new Concat(), [.. parts]);
        if (_random.Next(3) == 0)
            joined = Node(new Concat(), joined, _random.Next(2) == 0 ? parts[0] : joined);
        if (Shape(joined).Channels < 300)
            Keep(joined);
    }

    private string Conv(string source, int channels, KernelWindow geometry, int groups)
    {
        PatternFormat format = Pattern(signed: true);
        int[] values = [.. format.Values()];
        int inputs = Shape(source).Channels / groups;
        sbyte[] weights = new sbyte[channels * inputs * geometry.KernelRows * geometry.KernelColumns];
        for (int i = 0; i < weights.Length; i++)
            weights[i] = (sbyte)values[_random.Next(values.Length)];
        int[] bias = [.. Enumerable.Range(0, channels).Select(_ => _random.Next(-5000, 5000))];
        string name = $"conv{++_number}";
        _builder.Add(name, new IntegerConv(channels, geometry, groups, format, [.. weights], [.. bias]), [source], name + ".acc");
        return name + ".acc";
    }

    // One to three results of one accumulator, some with a residual operand.
    private void Writes(string accumulator)
    {
        string?[] partners = [
            .. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => _random.Next(2) == 0 ? Partner(Shape(accumulator)) : null)];
        foreach (string? partner in partners)
            Keep(Requantize(accumulator, partner, Format()));
    }

    private string Requantize(string a, string? b, PatternFormat format)
    {
        Shape shape = Shape(a);
        bool perChannel = _random.Next(2) == 0;
        int limit = format.Bits > 16 ? int.MaxValue : (1 << format.MagnitudeBits) - 1;
        int lo = format.Signed && _random.Next(3) > 0 ? -limit : 0;
        Term term = format.Kind == FormatKind.Window ? (Term)_random.Next(3) : Term.Whole;
        bool accumulator = _builder.TypeOf(a).Format!.Value.Bits == 32;
        int shift = accumulator && format.Bits < 16 ? 30 : _random.Next(8, 20);
        Requantize op = new(
            [.. Enumerable.Range(0, perChannel ? shape.Channels : 1)
                .Select(_ => accumulator ? _random.Next(1 << 20, 1 << 26) : _random.Next(-1 << shift, 1 << shift))],
            false, b is null ? 0 : accumulator ? _random.Next(1 << 28, 1 << 30) : _random.Next(1 << shift),
            _random.Next(3) == 0 ? [.. Enumerable.Range(0, shape.Channels).Select(_ => _random.NextInt64(-1L << shift, 1L << shift))] : [],
            shift, lo, limit, format, term);
        return b is null ? Node(op, a) : Node(op, a, b);
    }

    private string Response(string source)
    {
        PatternFormat from = _builder.TypeOf(source).Format!.Value, to = Format();
        int size = _random.Next(1, 8), limit = (1 << to.MagnitudeBits) - 1;
        int entries = LocalResponse.Entries(LocalResponse.LargestSum(size, from));
        return Node(new ResponseNorm(size, [.. Enumerable.Range(0, entries).Select(_ => _random.Next(1 << 28, 1 << 30))],
            _random.Next(26, 32), to.Signed ? -limit : 0, limit, to), source);
    }

    // By a tensor of one shape, or by one value a channel: sums over the whole map.
    private string Product(string a)
    {
        Shape shape = Shape(a);
        string? same = _random.Next(2) == 0
            ? null
            : _plain.Concat(_patterns).Where(each => Shape(each) == shape).OrderBy(_ => _random.Next()).FirstOrDefault();
        string b = same ?? Requantize(Node(new SumPool(new KernelWindow(shape.Height, shape.Width), false), a), null, Format());
        PatternFormat to = Format();
        int limit = (1 << to.MagnitudeBits) - 1;
        bool perChannel = _random.Next(2) == 0;
        Term term = to.Kind == FormatKind.Window ? (Term)_random.Next(3) : Term.Whole;
        return Node(new TensorProduct([.. Enumerable.Range(0, perChannel ? shape.Channels : 1).Select(_ => _random.Next(1 << 20, 1 << 25))],
            _random.Next(24, 36), to.Signed ? -limit : 0, limit, to, term), a, b);
    }

    // A tensor of the same shape, or a strided slice with channels of zeros around it, as residual operand.
    private string? Partner(Shape shape)
    {
        foreach (string plain in _plain.OrderBy(_ => _random.Next()).ToList())
        {
            Shape other = Shape(plain);
            if (_builder.TypeOf(plain).Format!.Value.Bits > 16)
                continue;
            if (other == shape)
                return plain;
            int before = (shape.Channels - other.Channels) / 16 * 8;
            if (other.Channels <= shape.Channels && other.Height >= shape.Height && other.Width >= shape.Width)
            {
                int stepY = other.Height / shape.Height, stepX = other.Width / shape.Width;
                string sliced = Node(new Slice(0, other.Channels, 0, stepY, shape.Height, 0, stepX, shape.Width), plain);
                return before == 0 && other.Channels == shape.Channels ? sliced
                    : Node(new Pad(before, shape.Channels - other.Channels - before, 0, 0, 0, 0), sliced);
            }
        }

        return null;
    }

    private void Keep(string tensor)
    {
        PatternFormat format = _builder.TypeOf(tensor).Format!.Value;
        if (format.IsPattern)
            _patterns.Add(tensor);
        _plain.Add(tensor);
    }

    private string Node(Op op, params string[] inputs) => _builder.Add($"n{++_number}", op, inputs);

    private string Source() => _patterns[^_random.Next(1, Math.Min(_patterns.Count, 3) + 1)];

    private string Any() => _plain.Count > 0 && _random.Next(2) == 0 ? _plain[_random.Next(_plain.Count)] : Source();

    private Shape Shape(string tensor) => _builder.TypeOf(tensor).Shape;

    private static bool Fits(Shape shape, int size) => shape.Height >= size && shape.Width >= size;

    private KernelWindow Geometry(Shape shape)
    {
        int rows = _random.Next(1, Math.Min(4, shape.Height) + 1), columns = _random.Next(1, Math.Min(4, shape.Width) + 1);
        return new KernelWindow(rows, columns, _random.Next(1, 3), _random.Next(1, 3),
            _random.Next(rows), _random.Next(columns), _random.Next(rows), _random.Next(columns));
    }

    private PatternFormat Format() => _random.Next(3) switch
    {
        0 => PatternFormat.Uniform(8, _random.Next(2) == 0),
        1 when _random.Next(4) == 0 => PatternFormat.Int16,
        _ => Pattern(),
    };

    private PatternFormat Pattern(bool? signed = null)
    {
        bool sign = signed ?? _random.Next(3) == 0;
        int bits = _random.Next(4, 9);
        return PatternFormat.Window(bits, _random.Next(1, Math.Min(_patternLength, bits - 1) + 1), sign);
    }

    private int Pick(params int[] choices) => choices[_random.Next(choices.Length)];
}
