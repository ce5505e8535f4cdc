namespace Ebsp.Compiler.Import.ConstantFolding;

/// <summary>MatMul, MatMulInteger, Gemm.</summary>
internal static class Multiplying
{
    public static HostTensor MatMul(EvaluatedNode node) =>
        Product(node, node.Input(0), node.Input(0).ToDoubles(), node.Input(1), node.Input(1).ToDoubles(), node.Input(0).Type);

    public static HostTensor MatMulInteger(EvaluatedNode node)
    {
        HostTensor a = node.Input(0), b = node.Input(1);
        return Product(node, a, Quantizing.WithoutZero(a, node.Optional(2), a.Rank - 2), b,
            Quantizing.WithoutZero(b, node.Optional(3), b.Rank - 1), ElementType.Int32);
    }

    public static HostTensor Gemm(EvaluatedNode node)
    {
        HostTensor a = node.Input(0), b = node.Input(1);
        if (node.Opset < 7)
            node.Ignore("broadcast");
        if (a.Rank != 2 || b.Rank != 2)
            throw new NotMappedException($"matrices {a.DimsText} and {b.DimsText}");
        double alpha = node.Float("alpha", 1), beta = node.Float("beta", 1);
        a = node.Int("transA", 0) != 0 ? Turned(node, a) : a;
        b = node.Int("transB", 0) != 0 ? Turned(node, b) : b;
        HostTensor product = Product(node, a, a.ToDoubles(), b, b.ToDoubles(), ElementType.Float64);
        double[] result = [.. product.ToDoubles().Select(x => alpha * x)];
        if (node.Optional(2) is { } c)
        {
            if (!Places.Common(c.Dims, product.Dims).SequenceEqual(product.Dims))
                throw new NotMappedException($"C of shape {c.DimsText} for {product.DimsText}");
            int[] places = Places.Broadcast(c.Dims, product.Dims, result.Length);
            double[] values = c.ToDoubles();
            for (int i = 0; i < result.Length; i++)
                result[i] += beta * values[places[i]];
        }

        return HostTensor.FromDoubles(a.Type, product.Dims, result);
    }

    /// <summary>The product of the last two axes, the others repeated where they are 1; vectors as rows and columns
    /// (numpy.matmul).</summary>
    public static HostTensor Product(EvaluatedNode node, HostTensor a, double[] left, HostTensor b, double[] right, ElementType type)
    {
        if (a.Rank == 0 || b.Rank == 0)
            throw new NotMappedException("a matrix product with a scalar");
        int[] rows = a.Rank == 1 ? [1, .. a.Dims] : a.Dims, columns = b.Rank == 1 ? [.. b.Dims, 1] : b.Dims;
        int m = rows[^2], inner = rows[^1], n = columns[^1];
        if (columns[^2] != inner)
            throw new NotMappedException($"matrices {a.DimsText} and {b.DimsText}");
        int[] stack = Places.Common(rows[..^2], columns[..^2]);
        int matrices = node.Count(stack);
        int[] placesA = Places.Broadcast(rows[..^2], stack, matrices), placesB = Places.Broadcast(columns[..^2], stack, matrices);
        double[] result = node.Doubles([.. stack, m, n]);
        node.Work((Int128)result.Length * inner);
        for (int i = 0; i < result.Length; i++)
        {
            int matrix = i / (m * n), row = placesA[matrix] * m * inner + i / n % m * inner, column = placesB[matrix] * inner * n + i % n;
            double sum = 0;
            for (int k = 0; k < inner; k++)
                sum += left[row + k] * right[column + k * n];
            result[i] = sum;
        }

        int[] dims = [.. stack, .. a.Rank == 1 ? Array.Empty<int>() : [m], .. b.Rank == 1 ? Array.Empty<int>() : [n]];
        return HostTensor.FromDoubles(type, dims, result);
    }

    private static HostTensor Turned(EvaluatedNode node, HostTensor x)
    {
        int rows = x.Dims[0], columns = x.Dims[1], count = node.Count(x.Dims);
        return x.Pick([columns, rows], [.. Enumerable.Range(0, count).Select(i => i % rows * columns + i / rows)]);
    }
}
