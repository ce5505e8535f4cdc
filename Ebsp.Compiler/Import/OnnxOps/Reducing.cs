using Ebsp.Compiler.Ir;
using static Ebsp.Compiler.Ir.PointStepKind;

namespace Ebsp.Compiler.Import.OnnxOps;

/// <summary>
/// ReduceMean, ReduceSum, ReduceMax, ReduceMin, ReduceL1, ReduceL2, ReduceSumSquare and GlobalLpPool over rows, columns or channels:
/// pools, and
/// 1x1 convolutions of equal weights over the channels.
/// </summary>
internal static class Reducing
{
    private static readonly PointExpression X = PointExpression.Input;

    /// <summary>The operations that reduce some stored axes of a map to 1.</summary>
    private delegate IEnumerable<(Op Op, string Suffix)> Reduction(Shape shape, int[] stored);

    public static void Mean(OnnxNode node) => Reduce(node, Axes(node), null, (shape, stored) => Average(shape, stored, 1), null);

    public static void Sum(OnnxNode node) => Reduce(node, Axes(node), null, Total, null);

    public static void L1(OnnxNode node) => Reduce(node, Axes(node), PointExpression.Of(Abs, X), Total, null);

    public static void L2(OnnxNode node) => Reduce(node, Axes(node), X * X, Total, PointExpression.Of(Sqrt, X));

    public static void SumSquare(OnnxNode node) => Reduce(node, Axes(node), X * X, Total, null);

    public static void Max(OnnxNode node) => Reduce(node, Axes(node), null, Largest, null);

    public static void Min(OnnxNode node) =>
        Reduce(node, Axes(node), PointExpression.Of(Neg, X), Largest, PointExpression.Of(Neg, X));

    public static void GlobalLpPool(OnnxNode node)
    {
        int[] spatial = [.. Enumerable.Range(2, node.Map(0).Value.Rank - 2)];
        switch (node.Int("p", 2))
        {
            case 1:
                Reduce(node, (spatial, true), PointExpression.Of(Abs, X), Total, null);
                break;
            case 2:
                Reduce(node, (spatial, true), X * X, Total, PointExpression.Of(Sqrt, X));
                break;
            default:
                throw new NotMappedException("another p than 1 and 2");
        }
    }

    private static (int[] Axes, bool Keeps) Axes(OnnxNode node)
    {
        int rank = node.Activation(0).Rank;
        // Operator set 18 made the axes an input, of ReduceSum 13.
        long[]? axes = node.HasInput(1) ? node.Integers(1) : node.Ints("axes");
        bool keeps = node.Int("keepdims", 1) != 0, noneMeansNone = node.Int("noop_with_empty_axes", 0) != 0;
        int[] found = axes is { Length: > 0 } ? [.. axes.Select(axis => OnnxAttributes.Axis(axis, rank))]
            : noneMeansNone ? [] : [.. Enumerable.Range(0, rank)];
        return (found, keeps);
    }

    private static void Reduce(OnnxNode node, (int[] Axes, bool Keeps) over, PointExpression? before, Reduction reduce,
        PointExpression? behind)
    {
        ActivationValue input = node.Activation(0);
        int[] own = [.. over.Axes.Where(axis => !(node.BatchSize == 1 && input.Layout.IsBatch(axis)))];
        if (!input.Layout.HoldsWhole(own, out int[] stored))
            throw new NotMappedException($"a reduction over other axes of {input.Layout} than its channels, rows or columns");
        node.RefuseUnreadAttributes();
        List<(Op Op, string Suffix)> steps = [.. reduce(node.ShapeOf(input), stored)];
        if (before is not null)
            steps.Insert(0, (new PointFunction(before), "each"));
        if (behind is not null)
            steps.Add((new PointFunction(behind), "whole"));
        AxisLayout layout = input.Layout.Reduced(stored, over.Axes, over.Keeps);
        ActivationValue all = input;
        foreach ((Op op, string suffix) in steps.SkipLast(1))
            all = node.Step(op, suffix, null, all);
        if (steps.Count == 0)
            node.Forward(input with { Layout = layout });
        else
            node.EmitAs(steps[^1].Op, _ => layout, all);
    }

    private static IEnumerable<(Op Op, string Suffix)> Average(Shape shape, int[] stored, double factor)
    {
        KernelWindow window = Window(shape, stored);
        if (window.Taps > 1)
            yield return (new AveragePool(window, CeilMode: false, CountIncludesPadding: false), "mean");
        int channels = stored.Contains(AxisLayout.Channels) ? shape.Channels : 1;
        if (channels > 1)
            yield return (new Conv(1, new KernelWindow(1, 1), 1, [.. Enumerable.Repeat((float)(factor / channels), channels)], [0]),
                "channels");
        else if (factor != 1)
            yield return (new ChannelAffine([.. Enumerable.Repeat((float)factor, shape.Channels)], [.. new float[shape.Channels]]), "sum");
    }

    private static IEnumerable<(Op Op, string Suffix)> Total(Shape shape, int[] stored)
    {
        KernelWindow window = Window(shape, stored);
        double channels = stored.Contains(AxisLayout.Channels) ? shape.Channels : 1;
        return Average(shape, stored, channels * (int)window.Taps);
    }

    private static IEnumerable<(Op Op, string Suffix)> Largest(Shape shape, int[] stored)
    {
        if (stored.Contains(AxisLayout.Channels))
            throw new NotMappedException("the largest of the channels; over rows and columns it maps");
        KernelWindow window = Window(shape, stored);
        return window is { KernelRows: 1, KernelColumns: 1 } ? [] : [(new MaxPool(window, CeilMode: false), "max")];
    }

    private static KernelWindow Window(Shape shape, int[] stored) => new(
        stored.Contains(AxisLayout.Rows) ? shape.Height : 1, stored.Contains(AxisLayout.Columns) ? shape.Width : 1);
}
