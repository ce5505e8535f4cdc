namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>Add, Sub, Mul, Div, Sum, Clip, and functions of single values.</summary>
internal static class Elementwise
{
    public static HostTensor Add(EvaluatedNode node) => Binary(node, Arithmetic2.Add);

    public static HostTensor Sub(EvaluatedNode node) => Binary(node, Arithmetic2.Subtract);

    public static HostTensor Mul(EvaluatedNode node) => Binary(node, Arithmetic2.Multiply);

    public static HostTensor Div(EvaluatedNode node) => Binary(node, Arithmetic2.Divide);

    public static HostTensor Sum(EvaluatedNode node)
    {
        HostTensor sum = node.Input(0);
        for (int i = 1; i < node.InputCount; i++)
            sum = Combine(node, Arithmetic2.Add, sum, node.Input(i));
        return sum;
    }

    public static HostTensor Clip(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        // Operator set 11 made the bounds inputs.
        HostTensor? least = node.Opset >= 11 ? node.Optional(1) : Bound(node, "min", x.Type);
        HostTensor? most = node.Opset >= 11 ? node.Optional(2) : Bound(node, "max", x.Type);
        if (least is not null)
            x = Combine(node, Arithmetic2.Maximum, x, least);
        return most is null ? x : Combine(node, Arithmetic2.Minimum, x, most);
    }

    public static HostTensor Relu(EvaluatedNode node) => Map(node, x => x < 0 ? 0 : x);

    public static HostTensor LeakyRelu(EvaluatedNode node)
    {
        double alpha = node.Float("alpha", 0.01f);
        return Map(node, x => x < 0 ? alpha * x : x);
    }

    public static HostTensor PRelu(EvaluatedNode node)
    {
        HostTensor x = node.Input(0), slope = node.Input(1);
        if (!Places.Common(slope.Dims, x.Dims).SequenceEqual(x.Dims))
            throw new NotMappedException($"slopes of shape {slope.DimsText} for {x.DimsText}");
        int[] places = Places.Broadcast(slope.Dims, x.Dims, node.Count(x.Dims));
        double[] slopes = slope.ToDoubles();
        return HostTensor.FromDoubles(x.Type, x.Dims, [.. x.ToDoubles().Select((v, i) => v < 0 ? slopes[places[i]] * v : v)]);
    }

    public static HostTensor Elu(EvaluatedNode node)
    {
        double alpha = node.Float("alpha", 1);
        return Map(node, x => x < 0 ? alpha * (Math.Exp(x) - 1) : x);
    }

    public static HostTensor Tanh(EvaluatedNode node) => Map(node, Math.Tanh);

    public static HostTensor Sigmoid(EvaluatedNode node) => Map(node, x => 1 / (1 + Math.Exp(-x)));

    public static HostTensor HardSigmoid(EvaluatedNode node)
    {
        double alpha = node.Float("alpha", 0.2f), beta = node.Float("beta", 0.5f);
        return Map(node, x => Math.Clamp(alpha * x + beta, 0, 1));
    }

    public static HostTensor HardSwish(EvaluatedNode node) => Map(node, x => x * Math.Clamp(x / 6 + 0.5, 0, 1));

    /// <summary>A function of each value that is written out.</summary>
    public static Func<EvaluatedNode, HostTensor> Formula(string type) => node =>
    {
        Ir.PointExpression formula = PointFormulas.All[type](node);
        return Map(node, formula.Of);
    };

    public static HostTensor Pow(EvaluatedNode node)
    {
        HostTensor a = node.Input(0), b = node.Input(1);
        int[] dims = Places.Common(a.Dims, b.Dims);
        int count = node.Count(dims);
        int[] left = Places.Broadcast(a.Dims, dims, count), right = Places.Broadcast(b.Dims, dims, count);
        double[] x = a.ToDoubles(), y = b.ToDoubles();
        return HostTensor.FromDoubles(a.Type, dims, [.. left.Select((place, i) => Math.Pow(x[place], y[right[i]]))]);
    }

    public static HostTensor Max(EvaluatedNode node) => All(node, Arithmetic2.Maximum);

    public static HostTensor Min(EvaluatedNode node) => All(node, Arithmetic2.Minimum);

    private static HostTensor All(EvaluatedNode node, Arithmetic2 operation)
    {
        HostTensor all = node.Input(0);
        for (int i = 1; i < node.InputCount; i++)
            all = Combine(node, operation, all, node.Input(i));
        return all;
    }

    private static HostTensor Map(EvaluatedNode node, Func<double, double> function)
    {
        // Operator set 1 had hints on memory use.
        HostTensor x = node.Input(0);
        node.Count(x.Dims);
        return HostTensor.FromDoubles(x.Type, x.Dims, Array.ConvertAll(x.ToDoubles(), v => function(v)));
    }

    private static HostTensor Binary(EvaluatedNode node, Arithmetic2 operation)
    {
        HostTensor a = node.Input(0), b = node.Input(1);
        return Combine(node, operation, a, node.Opset < 7 ? Aligned(node, a, b) : b);
    }

    private static HostTensor Combine(EvaluatedNode node, Arithmetic2 operation, HostTensor a, HostTensor b)
    {
        if (a.Type != b.Type)
            throw new NotMappedException($"operands of types {a.Type.Name()} and {b.Type.Name()}");
        int[] dims = Places.Common(a.Dims, b.Dims);
        int count = node.Count(dims);
        return a.Combine(operation, b, dims, Places.Broadcast(a.Dims, dims, count), Places.Broadcast(b.Dims, dims, count));
    }

    /// <summary>Before operator set 7 'axis' said where the dimensions of the second operand begin within those of the first.</summary>
    private static HostTensor Aligned(EvaluatedNode node, HostTensor a, HostTensor b)
    {
        bool isBroadcast = node.Int("broadcast", 0) != 0;
        long axis = node.Int("axis", a.Rank - b.Rank);
        if (!isBroadcast)
            return b;
        axis = axis < 0 ? axis + a.Rank : axis;
        if (axis < 0 || axis + b.Rank > a.Rank)
            throw new NotMappedException($"shapes {a.DimsText} and {b.DimsText}");
        return b.With([.. b.Dims, .. Enumerable.Repeat(1, a.Rank - b.Rank - (int)axis)]);
    }

    private static HostTensor? Bound(EvaluatedNode node, string attribute, ElementType type) =>
        node.Has(attribute) ? HostTensor.FromDoubles(type, [], [node.Float(attribute, 0)]) : null;
}
