namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>Comparisons, Where, Not, And, Or, Range, Size: what exporters compute shapes and masks with.</summary>
internal static class Choosing
{
    public static Func<EvaluatedNode, HostTensor> Compare(Func<double, double, bool> holds) => node =>
    {
        HostTensor a = node.Input(0), b = node.Input(1);
        int[] dims = Places.Common(a.Dims, b.Dims);
        int count = node.Count(dims);
        int[] left = Places.Broadcast(a.Dims, dims, count), right = Places.Broadcast(b.Dims, dims, count);
        double[] x = a.ToDoubles(), y = b.ToDoubles();
        return HostTensor.FromDoubles(ElementType.Bool, dims, [.. left.Select((place, i) => holds(x[place], y[right[i]]) ? 1.0 : 0)]);
    };

    public static HostTensor Not(EvaluatedNode node)
    {
        HostTensor x = node.Input(0);
        return HostTensor.FromDoubles(ElementType.Bool, x.Dims, [.. x.ToDoubles().Select(value => value == 0 ? 1.0 : 0)]);
    }

    public static HostTensor Where(EvaluatedNode node)
    {
        HostTensor condition = node.Input(0), a = node.Input(1), b = node.Input(2);
        if (a.Type != b.Type)
            throw new NotMappedException($"operands of types {a.Type.Name()} and {b.Type.Name()}");
        int[] dims = Places.Common(condition.Dims, Places.Common(a.Dims, b.Dims));
        int count = node.Count(dims);
        int[] asked = Places.Broadcast(condition.Dims, dims, count), left = Places.Broadcast(a.Dims, dims, count),
            right = Places.Broadcast(b.Dims, dims, count);
        double[] holds = condition.ToDoubles();
        return a.Chain([b]).Pick(dims, [.. asked.Select((place, i) => holds[place] != 0 ? left[i] : a.Count + right[i])]);
    }

    public static HostTensor Range(EvaluatedNode node)
    {
        double start = node.Scalar(0, 0), limit = node.Scalar(1, 0), step = node.Scalar(2, 1);
        double count = step == 0 ? throw new NotMappedException("a step of 0") : Math.Max(Math.Ceiling((limit - start) / step), 0);
        int[] dims = [(int)Math.Min(count, int.MaxValue)];
        double[] values = node.Doubles(dims);
        for (int i = 0; i < values.Length; i++)
            values[i] = start + i * step;
        return HostTensor.FromDoubles(node.Input(0).Type, dims, values);
    }

    public static HostTensor Size(EvaluatedNode node) => HostTensor.Of([], [(long)node.Input(0).Count]);
}
