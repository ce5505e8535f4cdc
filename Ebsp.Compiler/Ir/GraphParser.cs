using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Ir;

/// <summary>
/// Reads the listing that <see cref="GraphPrinter"/> writes (<c>ebspc view</c>). What a listing does not tell is not there: preprocessing
/// and labels; and an array of which it tells length and hash has other values of the same range, drawn from the hash.
/// </summary>
public static class GraphParser
{
    /// <summary>The graph of a listing.</summary>
    /// <param name="text">The listing; lines from <c>graph</c> to <c>output</c>.</param>
    /// <param name="file">Name of the file for diagnostics.</param>
    /// <exception cref="EbspException">EBSP1010: a line is not one of a listing. EBSP2001, EBSP2002: the graph is not well
    /// formed.</exception>
    public static Graph Parse(string text, string? file = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] lines = text.Split('\n');
        int at = 0;
        ListingLine Next() => new(at < lines.Length ? lines[at].TrimEnd('\r') : "", ++at, file);

        ListingLine line = Next();
        line.Take("graph ");
        string name = line.Rest();
        line = Next();
        InputEncoding? encoding = null;
        if (line.TryTake("  host "))
        {
            int terms = line.Int();
            line.Take(" term(s) of ");
            PatternFormat format = line.Format(",");
            line.Take(", scale ");
            encoding = new InputEncoding(format, terms, line.Double());
            line.End();
            line = Next();
        }

        line.Take("  ");
        string input = line.Until(": ");
        (Shape shape, _, _) = line.Type();
        line.Take(" = input");
        line.End();
        if (encoding is not null)
            shape = shape with { Channels = shape.Channels / encoding.Terms };
        GraphBuilder builder = encoding is null
            ? new GraphBuilder(name, input, shape)
            : new GraphBuilder(name, input, shape, encoding);
        for (line = Next(); !line.TryTake("  output "); line = Next())
            AddNode(builder, line);
        List<GraphOutput> outputs = [];
        do
        {
            string output = line.UntilOrEnd(", then ");
            outputs.Add(new GraphOutput(output, line.IsAtEnd ? OutputTransform.None : line.Name<OutputTransform>()));
            line.End();
            if (!builder.Has(output))
                throw line.Refused($"no tensor '{output}'");
            line = Next();
        }
        while (line.TryTake("  output "));
        Graph graph = builder.Build(outputs);
        Verifier.Verify(graph, file);
        return graph;
    }

    private static void AddNode(GraphBuilder builder, ListingLine line)
    {
        line.Take("  ");
        string output = line.Until(": ");
        (_, PatternFormat? format, double scale) = line.Type();
        line.Take(" = ");
        Op op = ReadOp(line, format);
        line.Take("(");
        string[] inputs = line.Until(")").Split(", ");
        string name = line.TryTake("  # ") ? line.Rest() : output;
        line.End();
        builder.Add(name, op, inputs, output, scale);
    }

    private static Op ReadOp(ListingLine line, PatternFormat? format)
    {
        string name = line.Word();
        if (!line.TryTake("["))
        {
            return name switch
            {
                nameof(Add) => new Add(),
                nameof(Subtract) => new Subtract(),
                nameof(Multiply) => new Multiply(),
                nameof(Concat) => new Concat(),
                nameof(Softmax) => new Softmax(),
                nameof(LogSoftmax) => new LogSoftmax(),
                nameof(ArgMax) => new ArgMax(),
                _ => throw line.Refused($"no operation '{name}' without parameters"),
            };
        }

        Op op = name switch
        {
            nameof(Conv) => ReadConv(line),
            nameof(FullyConnected) => ReadFullyConnected(line),
            nameof(ChannelAffine) => new ChannelAffine(line.Floats(), line.Then(", ").Floats()),
            nameof(Clamp) => new Clamp(line.Float(), line.Then(", ").Float()),
            nameof(QuantizeDequantize) => ReadQuantizeDequantize(line),
            nameof(AveragePool) => new AveragePool(line.Window(), line.TryTake(", ceil"), line.TryTake(", with padding")),
            nameof(MaxPool) => new MaxPool(line.Window(), line.TryTake(", ceil")),
            nameof(SumPool) => new SumPool(line.Window(), line.TryTake(", ceil")),
            nameof(Slice) => ReadSlice(line),
            nameof(Pad) => ReadPad(line),
            nameof(IntegerConv) => ReadIntegerConv(line),
            nameof(Requantize) => ReadRequantize(line, Required(line, format)),
            nameof(TensorProduct) => new TensorProduct(line.Then("m ").Ints(1, 1 << 16), line.Then(", n ").Int(), line.Then(", ").Int(),
                line.Then("..").Int(), Required(line, format), TermOf(line)),
            nameof(LocalResponseNorm) => new LocalResponseNorm(line.Int(), line.Then(", alpha ").Float(), line.Then(", beta ").Float(),
                line.Then(", bias ").Float()),
            nameof(ResponseNorm) => new ResponseNorm(line.Int(), line.Then(", m ").Ints(0, 256), line.Then(", n ").Int(),
                line.Then(", ").Int(), line.Then("..").Int(), Required(line, format)),
            nameof(LookUp) => ReadLookUp(line, Required(line, format)),
            nameof(Assemble) => ReadAssemble(line),
            nameof(Normalize) => new Normalize(line.Int()),
            nameof(PointFunction) => new PointFunction(new PointExpression(line.Steps())),
            _ when Enum.TryParse(name, out PointFunctionKind kind) && kind != PointFunctionKind.Expression =>
                new PointFunction(kind, line.Float(), line.Then(", ").Float()),
            _ => throw line.Refused($"no operation '{name}'"),
        };
        line.Take("]");
        return op;
    }

    private static Conv ReadConv(ListingLine line)
    {
        int channels = line.Int();
        KernelWindow window = line.Then(", ").Window();
        int groups = line.Then(", groups ").Int();
        ImmutableArray<float> weights = line.Then(", w ").Floats(), steps = line.TryTake(" in steps ") ? line.Floats() : [];
        return new Conv(channels, window, groups, weights, line.Then(", b ").Floats()) { WeightSteps = steps };
    }

    private static FullyConnected ReadFullyConnected(ListingLine line)
    {
        int channels = line.Int();
        ImmutableArray<float> weights = line.Then(", w ").Floats(), steps = line.TryTake(" in steps ") ? line.Floats() : [];
        return new FullyConnected(channels, weights, line.Then(", b ").Floats()) { WeightSteps = steps };
    }

    private static QuantizeDequantize ReadQuantizeDequantize(ListingLine line)
    {
        float scale = line.Float();
        int least = line.Then(", ").Int(), most = line.Then("..").Int();
        return new QuantizeDequantize(scale, line.Then(", zero ").Int(), least, most);
    }

    private static Assemble ReadAssemble(ListingLine line)
    {
        int height = line.Int(), width = line.Then("x").Int();
        List<PixelPlace> places = [];
        while (line.TryTake(", "))
            places.Add(new PixelPlace(line.Int(), line.Then("+").Int(), line.Then("+").Int()));
        return new Assemble(height, width, [.. places]);
    }

    private static Slice ReadSlice(ListingLine line)
    {
        int channel = line.Then("c ").Int(), channels = line.Then("+").Int();
        int y = line.Then(", y ").Int(), rows = line.Then("+").Int(), stepY = line.Then("*").Int();
        int x = line.Then(", x ").Int(), columns = line.Then("+").Int(), stepX = line.Then("*").Int();
        return new Slice(channel, channels, y, stepY, rows, x, stepX, columns);
    }

    private static Pad ReadPad(ListingLine line)
    {
        int before = line.Then("c ").Int(), after = line.Then("+").Int();
        int top = line.Then(", y ").Int(), bottom = line.Then("+").Int();
        int left = line.Then(", x ").Int(), right = line.Then("+").Int();
        return new Pad(before, after, top, left, bottom, right);
    }

    private static IntegerConv ReadIntegerConv(ListingLine line)
    {
        int channels = line.Int();
        KernelWindow window = line.Then(", ").Window();
        int groups = line.Then(", groups ").Int();
        PatternFormat format = line.Then(", w ").Format(" ");
        ImmutableArray<sbyte> weights = line.Then(" ").Array(
            text => sbyte.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out sbyte value) ? value : null,
            random => (sbyte)Projection.Project(random.Next(-format.MaxMagnitude, format.MaxMagnitude + 1), format));
        return new IntegerConv(channels, window, groups, format, weights, line.Then(", b ").Ints(-100, 101));
    }

    private static Requantize ReadRequantize(ListingLine line, PatternFormat format)
    {
        ImmutableArray<int> multipliers = line.Then("m ").Ints(1, 1 << 16);
        bool byCount = line.TryTake(", by count");
        int second = line.Then(", mb ").Int();
        ImmutableArray<long> offsets = line.Then(", d ").Array<long>(
            text => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : null,
            random => random.Next(-1000, 1001));
        int shift = line.Then(", n ").Int(), least = line.Then(", ").Int(), most = line.Then("..").Int();
        return new Requantize(multipliers, byCount, second, offsets, shift, least, most, format, TermOf(line));
    }

    // Codes of a table are slot codes of its format: those of the values in their order, again and again.
    private static LookUp ReadLookUp(ListingLine line, PatternFormat format) => new(format, line.Array(
        text => byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out byte value) ? value : null,
        random => (byte)Projection.Project(random.Next(format.MaxMagnitude + 1), format)));

    private static Term TermOf(ListingLine line)
    {
        if (!line.TryTake(", "))
            return Term.Whole;
        Term term = line.Name<Term>();
        line.Take(" term");
        return term;
    }

    private static PatternFormat Required(ListingLine line, PatternFormat? format) =>
        format ?? throw line.Refused("float32 where integers are needed");
}
