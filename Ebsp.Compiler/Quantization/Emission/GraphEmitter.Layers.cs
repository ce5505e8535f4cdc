using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Passes;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Emission;

// Convolutions, pools and sums, and the requantizations that store them.
public sealed partial class GraphEmitter
{
    private EmittedStep Layer(LayerStep step)
    {
        RealSum sum = step.Producer?.Op switch
        {
            null => Whole(step),
            AveragePool pool => Pool(step, pool),
            _ => Convolution(step),
        };
        sum = sum with { Offsets = _scales.OffsetsOf(step, sum) };
        StoredTensor stored = new(IsUnsigned(step));
        List<WrittenForm> written = [];
        foreach (Forms form in new[] { Forms.Scores, Forms.Plain, Forms.Projected })
        {
            if (!step.Forms.HasFlag(form))
                continue;
            PatternFormat format = step.FormatOf(form, stored.IsUnsigned);
            bool isOfTwo = form == Forms.Projected && step.Operand.Terms == 2;
            double scale = form == Forms.Scores ? ScoreScale(sum) : _scales.ScaleOf(step, format, isOfTwo ? 2 : 1);
            string wish = StoredTensor.NameOf(step.Output, form, step.Forms);
            IntegerTensor first = Store(step, wish, sum, format, scale, isOfTwo ? Term.First : Term.Whole);
            IntegerTensor? second = isOfTwo ? Store(step, wish + ".2", sum, format, scale, Term.Second) : null;
            stored = stored.With(form, first) with { Second = second ?? stored.Second };
            written.Add(new WrittenForm(form, first, second, null));
        }

        foreach (ConcatPlace place in step.Places)
        {
            ConcatStep concat = (ConcatStep)_plan.StepOf(place.Concat);
            foreach (Forms form in StoresOf(concat))
            {
                PatternFormat format = concat.FormatOf(form, IsUnsigned(concat));
                double scale = _scales.ScaleOf(_plan.StepOf(concat.Root), format, 1);
                IntegerTensor part = Store(step, StoredTensor.NameOf(step.Output, form, step.Forms), sum, format, scale, Term.Whole);
                _parts.Add((place, form), part);
                written.Add(new WrittenForm(form, part, null, place));
            }
        }

        return new EmittedStep(stored, sum.Read, written);
    }

    // One scale for all scores: none can leave 24 bits, which float32 holds exactly.
    private static double ScoreScale(RealSum sum) => sum.Bound == 0 ? 1 : sum.Bound / (1 << 24);

    private bool IsUnsigned(LayerStep step) => step.Minimum >= 0
        || (step.FactorA.All(factor => factor >= 0) && step.Offset.All(offset => offset >= 0)
            && IsUnsigned(step.Producer is { Op: AveragePool } pool ? pool.Inputs[0] : step.Producer is null ? step.A : null)
            && (step.B is null || (step.FactorB >= 0 && IsUnsigned(step.B))));

    private bool IsUnsigned(string? tensor) => tensor is not null && _stored[tensor].IsUnsigned;

    private RealSum Whole(LayerStep step)
    {
        IntegerTensor a = _stored[step.A].Plain!;
        return WithSecond(step, new RealSum(a.Name, a.Format, [.. step.FactorA.Select(factor => factor * a.Type.Scale)], [Reach(a.Format)],
            false));
    }

    private RealSum Pool(LayerStep step, AveragePool pool)
    {
        if (pool.CountIncludesPadding && pool.CeilMode)
            throw DiagnosticDescriptors.NoIntegerForm.Error(null, step.Producer!.Name,
                "an average over padding with ceil mode has no integer form");
        IntegerTensor input = _stored[step.Producer!.Inputs[0]].Plain!;
        IntegerTensor a = Add(step.Producer.Name + ".acc", new SumPool(pool.Geometry, pool.CeilMode), 1, [input.Name], step.Producer.Name);
        int window = (int)pool.Geometry.Taps;
        bool differ = !pool.CountIncludesPadding && (pool.Geometry.IsPadded || pool.CeilMode);
        double scale = input.Type.Scale;
        return WithSecond(step, new RealSum(a.Name, input.Format,
            differ ? [.. Enumerable.Range(1, window).Select(count => scale / count)]
                : [.. step.FactorA.Select(factor => factor * scale / window)], [Reach(input.Format) * window], differ));
    }

    private RealSum Convolution(LayerStep step)
    {
        Node node = step.Producer!;
        StoredTensor input = _stored[node.Inputs[0]];
        TensorType type = input.Projected!.Type;
        Conv conv = _plan.ConvolutionOf(node);
        LayerWeights weights = _scales.WeightsOf(step, input);
        OperandFormat format = step.Weights!.Value;
        IntegerConv whole = new(conv.OutputChannels, conv.Geometry, conv.Groups, format.WithSign(signed: true), weights.Values,
            weights.Bias);
        ImmutableArray<double> units = [.. weights.Scales.Select((scale, k) => scale * type.Scale * step.FactorA[k])];
        // Each term of the weights meets each of the operand in a pass of its own; the largest come last and keep their full accumulator.
        (IntegerTensor Tensor, IntegerConv Op)[] passes = [.. WeightTerms(whole, format.Terms).Reverse()
            .SelectMany(op => new[] { input.Second, input.Projected }.OfType<IntegerTensor>().Select(tensor => (tensor, op)))];
        bool isInputOfTwoTerms = type.Shape != _plan.Graph.TypeOf(node.Inputs[0]).Shape;
        RealSum? sum = null;
        for (int i = 0; i < passes.Length; i++)
        {
            string name = i == 0 ? node.Name : string.Create(CultureInfo.InvariantCulture, $"{node.Name}.pass{i + 1}");
            if (sum is not null)
                sum = Pass(step, sum, i == 1 ? node.Name : string.Create(CultureInfo.InvariantCulture, $"{node.Name}.pass{i}"));
            IntegerConv op = i == passes.Length - 1 ? passes[i].Op : passes[i].Op with { Bias = [.. new int[whole.Bias.Length]] };
            op = isInputOfTwoTerms ? op with { Weights = Twice(op) } : op;
            IntegerTensor a = Add(name + ".acc", op, type.Scale, [passes[i].Tensor.Name], name);
            ImmutableArray<double> reach = [.. ProveRanges.Accumulators(op, input.Projected.Format).Select(bound => (double)bound)];
            sum = sum is null ? WithSecond(step, new RealSum(a.Name, input.Projected.Format, units, reach, false))
                : sum with { A = a.Name, Reach = reach };
        }

        return sum!;
    }

    // Stores what one of several accumulating passes gives, with all that is added to it, in 16 bits; what comes after it adds that tensor
    // instead.
    private RealSum Pass(LayerStep step, RealSum sum, string name)
    {
        // Other images may reach twice as far before the sum saturates; half a step is then 90 dB below the largest.
        const int Limit = short.MaxValue;
        double largest = _scales.LargestOf(step, sum) ?? sum.Bound / 2;
        double scale = largest == 0 ? 1 : 2 * largest / Limit;
        IntegerTensor stored = Add(sum, name + ".sum", sum.Onto(scale, -Limit, Limit, PatternFormat.Int16), scale);
        return sum with { B = stored.Name, UnitB = scale, ReachB = Limit, Offsets = [.. sum.Offsets.Select(_ => 0.0)] };
    }

    private RealSum WithSecond(LayerStep step, RealSum sum)
    {
        sum = sum with { Offsets = step.Offset };
        return step.B is null || _stored[step.B].Plain is not { } b ? sum
            : sum with { B = b.Name, UnitB = b.Type.Scale * step.FactorB, ReachB = Reach(b.Format) };
    }

    private IntegerTensor Store(LayerStep step, string wish, RealSum sum, PatternFormat format, double scale, Term term)
    {
        int limit = (int)((1L << format.MagnitudeBits) - 1);
        Requantize? op = sum.Onto(scale, Bound(step.Minimum), Bound(step.Maximum), format);
        return Add(sum, wish, op is null ? null : op with { Term = term }, scale);

        int Bound(float bound) => (int)Math.Clamp(Math.Round(bound / scale), format.Signed ? -limit : 0, limit);
    }

    private IntegerTensor Add(RealSum sum, string wish, Requantize? op, double scale) =>
        op is null ? throw DiagnosticDescriptors.RequantizeOverflow.Error(null, wish, 0)
            : sum.B is null ? Add(wish, op, scale, sum.A) : Add(wish, op, scale, sum.A, sum.B);

    private static IEnumerable<IntegerConv> WeightTerms(IntegerConv op, int terms)
    {
        if (terms == 1)
            return [op];
        sbyte[] first = [.. op.Weights.Select(w => (sbyte)Projection.FirstTerm(w, op.WeightFormat))];
        return [op with { Weights = [.. first] }, op with { Weights = [.. op.Weights.Select((w, i) => (sbyte)(w - first[i]))] }];
    }

    private static ImmutableArray<sbyte> Twice(IntegerConv conv)
    {
        int row = conv.Weights.Length / conv.OutputChannels;
        return [.. Enumerable.Range(0, conv.OutputChannels)
            .SelectMany(k => Enumerable.Repeat(conv.Weights.AsSpan(k * row, row).ToArray(), 2)).SelectMany(each => each)];
    }

    private static double Reach(PatternFormat format) => Math.ScaleB(1, format.MagnitudeBits);
}
