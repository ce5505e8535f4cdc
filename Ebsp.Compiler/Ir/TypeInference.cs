using System.Collections.Immutable;
using System.Globalization;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Ir;

/// <summary>The type of what an operation makes, from the types of what it reads.</summary>
public static class TypeInference
{
    /// <summary>The type of the output.</summary>
    /// <param name="node">Name for the diagnostic.</param>
    /// <param name="op">The operation.</param>
    /// <param name="inputs">Types of its inputs in order.</param>
    /// <param name="scale">Real value of one unit of the output; 1 for float32.</param>
    /// <exception cref="EbspException">EBSP2001: the shapes, formats or array lengths do not fit.</exception>
    public static TensorType Infer(string node, Op op, ReadOnlySpan<TensorType> inputs, double scale = 1) =>
        TryInfer(op, inputs, scale, out TensorType type, out string cause)
            ? type
            : throw DiagnosticDescriptors.ShapeMismatch.Error(null, node, cause);

    /// <summary>The type of the output; false with the cause where the inputs do not fit.</summary>
    public static bool TryInfer(Op op, ReadOnlySpan<TensorType> inputs, double scale, out TensorType type, out string cause)
    {
        type = null!;
        int least = op is Add or Subtract or Multiply or TensorProduct or Concat ? 2 : 1;
        int most = op is Requantize ? 2 : op is Concat or Assemble ? MaxConcatenated : least;
        if (inputs.Length < least || inputs.Length > most)
        {
            cause = Text($"{op.GetType().Name} with {inputs.Length} input(s)");
            return false;
        }

        cause = Refusal(op, inputs) ?? "";
        if (cause.Length != 0)
            return false;
        (Shape shape, PatternFormat? format) = Output(op, inputs);
        if (shape.Channels < 1 || shape.Height < 1 || shape.Width < 1 || shape.Elements > MaxElements)
        {
            cause = Text($"{op.GetType().Name} of {inputs[0].Shape} would make {shape}");
            return false;
        }

        // What moves or picks values keeps their scale.
        type = new TensorType(shape, format, op is MaxPool or Slice or Pad or Concat or Assemble or SumPool ? inputs[0].Scale : scale);
        return true;
    }

    /// <summary>Most elements of a feature map.</summary>
    public const long MaxElements = 1 << 30;

    /// <summary>Most tensors of one concatenation.</summary>
    public const int MaxConcatenated = 4096;

    private static (Shape Shape, PatternFormat? Format) Output(Op op, ReadOnlySpan<TensorType> inputs)
    {
        TensorType input = inputs[0];
        Shape shape = input.Shape;
        return op switch
        {
            Conv conv => (KernelTaps(conv.OutputChannels, conv.Geometry, false), null),
            FullyConnected full => (new Shape(full.OutputChannels, 1, 1), null),
            AveragePool pool => (KernelTaps(shape.Channels, pool.Geometry, pool.CeilMode), null),
            MaxPool pool => (KernelTaps(shape.Channels, pool.Geometry, pool.CeilMode), input.Format),
            Slice slice => (new Shape(slice.Channels, slice.Rows, slice.Columns), input.Format),
            Pad pad => (new Shape(
                checked(shape.Channels + pad.ChannelsBefore + pad.ChannelsAfter),
                checked(shape.Height + pad.Top + pad.Bottom),
                checked(shape.Width + pad.Left + pad.Right)), input.Format),
            Concat => (shape with { Channels = AllChannels(inputs) }, input.Format),
            Assemble assemble => (new Shape(shape.Channels, assemble.Height, assemble.Width), input.Format),
            IntegerConv conv => (KernelTaps(conv.OutputChannels, conv.Geometry, false), PatternFormat.Int32),
            SumPool pool => (KernelTaps(shape.Channels, pool.Geometry, pool.CeilMode), PatternFormat.Int32),
            Requantize requantize => (shape, requantize.Format),
            TensorProduct product => (shape, product.Format),
            LookUp lookUp => (shape, lookUp.Format),
            ResponseNorm norm => (shape, norm.Format),
            _ => (shape, null),
        };

        Shape KernelTaps(int channels, KernelWindow geometry, bool ceilMode)
        {
            (int height, int width) = geometry.Output(shape.Height, shape.Width, ceilMode);
            return new Shape(channels, height, width);
        }
    }

    private static string? Refusal(Op op, ReadOnlySpan<TensorType> inputs)
    {
        TensorType input = inputs[0];
        Shape shape = input.Shape;
        bool wantsFloat = op is Conv or FullyConnected or ChannelAffine or Clamp or QuantizeDequantize or Add or Subtract or Multiply
            or LocalResponseNorm or PointFunction or AveragePool or LogSoftmax or Softmax or ArgMax or Normalize;
        bool wantsInteger = op is IntegerConv or Requantize or TensorProduct or SumPool or LookUp or ResponseNorm;
        foreach (TensorType each in inputs)
        {
            if (wantsFloat && !each.IsFloat || wantsInteger && each.IsFloat)
                return Text($"{op.GetType().Name} reads a tensor of type {each}");
        }

        return op switch
        {
            Conv conv => ConvRefusal(conv.Geometry, conv.OutputChannels, conv.Groups, shape, Length(conv.Weights), Length(conv.Bias)),
            IntegerConv conv => ConvRefusal(conv.Geometry, conv.OutputChannels, conv.Groups, shape, Length(conv.Weights),
                Length(conv.Bias)),
            FullyConnected full when full.OutputChannels < 1 => "no output channels",
            FullyConnected full when Length(full.Weights) != full.OutputChannels * shape.Elements =>
                Text($"{Length(full.Weights)} weights for {full.OutputChannels} x {shape.Elements}"),
            FullyConnected full when Length(full.Bias) != full.OutputChannels =>
                Text($"{Length(full.Bias)} biases for {full.OutputChannels} channels"),
            ChannelAffine affine when Length(affine.Factor) != shape.Channels || Length(affine.Offset) != shape.Channels =>
                Text($"{Length(affine.Factor)} factors and {Length(affine.Offset)} offsets for {shape.Channels} channels"),
            Clamp clamp when !(clamp.Minimum <= clamp.Maximum) => Text($"clamp bounds {clamp.Minimum} and {clamp.Maximum}"),
            QuantizeDequantize q => QuantizeRefusal(q),
            Add when inputs[1].Shape != shape => Text($"an addition of {shape} and {inputs[1].Shape}"),
            Subtract when inputs[1].Shape != shape => Text($"a subtraction of {inputs[1].Shape} from {shape}"),
            Multiply when !IsFactor(inputs[1].Shape, shape) => Text($"a product of {shape} and {inputs[1].Shape}"),
            LocalResponseNorm norm when norm.Size is < 1 or > LocalResponse.MaxSize || !(norm.Alpha >= 0 && norm.Beta >= 0 && norm.Bias > 0)
                || !float.IsFinite(norm.Alpha + norm.Beta + norm.Bias) =>
                Text($"a local response of size {norm.Size}, alpha {norm.Alpha}, beta {norm.Beta}, bias {norm.Bias}"),
            PointFunction point when (point.Kind == PointFunctionKind.Expression) != (point.Expression is not null) =>
                "a function that is written out and has no steps, or the other way round",
            PointFunction { Expression: { } expression } when expression.Refusal() is { } refusal => refusal,
            PointFunction point when !Enum.IsDefined(point.Kind) || !float.IsFinite(point.Alpha) || !float.IsFinite(point.Beta) =>
                Text($"a function {(int)point.Kind} with {point.Alpha} and {point.Beta}"),
            Concat => ConcatRefusal(inputs),
            Assemble assemble => AssembleRefusal(assemble, inputs),
            Normalize { Order: not (1 or 2) } norm => Text($"a norm of order {norm.Order}"),
            AveragePool pool => WindowRefusal(pool.Geometry, isPool: true, shape),
            MaxPool pool => WindowRefusal(pool.Geometry, isPool: true, shape),
            // The sum over padding alone is 0.
            SumPool pool => WindowRefusal(pool.Geometry, isPool: false, shape)
                ?? (input.Format!.Value.Bits > 16 ? Text($"a sum pool of {input}") : null),
            Slice slice => SliceRefusal(slice, shape),
            Pad pad when (pad.ChannelsBefore | pad.ChannelsAfter | pad.Top | pad.Left | pad.Bottom | pad.Right) < 0 => "negative padding",
            Pad pad when Math.Max(Math.Max(pad.ChannelsBefore, pad.ChannelsAfter),
                Math.Max(Math.Max(pad.Top, pad.Bottom), Math.Max(pad.Left, pad.Right)))
                > MaxExtent => "padding beyond 2^28",
            Requantize requantize => RequantizeRefusal(requantize, inputs),
            TensorProduct product => !IsFactor(inputs[1].Shape, shape) ? Text($"a product of {shape} and {inputs[1].Shape}")
                : Length(product.Multipliers) != 1 && Length(product.Multipliers) != shape.Channels
                    ? Text($"{Length(product.Multipliers)} multipliers for {shape.Channels} channels") : null,
            LookUp lookUp => Length(lookUp.Table) != 256 ? Text($"a table of {Length(lookUp.Table)} entries")
                : input.Format!.Value.Bits > 8 ? Text($"a table over {input.Format}") : null,
            ResponseNorm when input.Format!.Value.Bits > 16 => Text($"a local response of {input}"),
            ResponseNorm norm when norm.Size is < 1 or > LocalResponse.MaxSize => Text($"a local response over {norm.Size} channels"),
            ResponseNorm norm when LocalResponse.Entries(LocalResponse.LargestSum(norm.Size, input.Format!.Value)) is var entries
                && Length(norm.Factors) != entries =>
                Text($"{Length(norm.Factors)} factors of a local response that asks for {entries}"),
            _ => null,
        };
    }

    private static bool IsFactor(Shape factor, Shape of) => factor == of || factor == new Shape(of.Channels, 1, 1);

    private static int AllChannels(ReadOnlySpan<TensorType> inputs)
    {
        int channels = 0;
        foreach (TensorType input in inputs)
            channels = checked(channels + input.Shape.Channels);
        return channels;
    }

    private static string? ConcatRefusal(ReadOnlySpan<TensorType> inputs)
    {
        TensorType first = inputs[0];
        long channels = 0;
        foreach (TensorType input in inputs)
        {
            if (input.Shape.Height != first.Shape.Height || input.Shape.Width != first.Shape.Width)
                return Text($"a concatenation of {first.Shape} and {input.Shape}");
            // Scales of integers are for people, but side by side they mean one thing.
            if (input.Format != first.Format || input.Scale != first.Scale)
                return Text($"a concatenation of {first} * {first.Scale} and {input} * {input.Scale}");
            channels += input.Shape.Channels;
        }

        return channels > MaxElements ? Text($"a concatenation of {channels} channels") : null;
    }

    private static string? AssembleRefusal(Assemble op, ReadOnlySpan<TensorType> inputs)
    {
        long pixels = (long)op.Height * op.Width;
        if (op.Height < 1 || op.Width < 1 || pixels > Assemble.MaxPixels || Length(op.Places) != inputs.Length)
            return Text($"an assembly of {Length(op.Places)} places for {inputs.Length} maps as {op.Height} x {op.Width} pixels");
        bool[] taken = new bool[pixels];
        long count = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            (TensorType first, TensorType part, PixelPlace at) = (inputs[0], inputs[i], op.Places[i]);
            if (part.Shape.Channels != first.Shape.Channels || part.Format != first.Format || part.Scale != first.Scale)
                return Text($"an assembly of {first} * {first.Scale} and {part} * {part.Scale}");
            if (at.First < 0 || at.RowStep < 0 || at.ColumnStep < 0
                || at.First + (part.Shape.Height - 1L) * at.RowStep + (part.Shape.Width - 1L) * at.ColumnStep >= pixels)
                return Text($"a part {part.Shape} beyond {op.Height} x {op.Width} pixels");
            for (int y = 0; y < part.Shape.Height; y++)
            {
                for (int x = 0; x < part.Shape.Width; x++, count++)
                {
                    ref bool pixel = ref taken[at.First + y * at.RowStep + x * at.ColumnStep];
                    if (pixel)
                        return "an assembly with two parts at one pixel";
                    pixel = true;
                }
            }
        }

        return count == pixels ? null : "an assembly with pixels of no part";
    }

    private static string? QuantizeRefusal(QuantizeDequantize q)
    {
        if (!(q.Scale > 0) || !float.IsFinite(q.Scale))
            return Text($"a quantization with scale {q.Scale}");
        return q.Minimum > q.ZeroPoint || q.ZeroPoint > q.Maximum || (long)q.Maximum - q.Minimum is < 1 or > 255
            ? Text($"a quantization to {q.Minimum}..{q.Maximum} with zero point {q.ZeroPoint}") : null;
    }

    private static string? RequantizeRefusal(Requantize requantize, ReadOnlySpan<TensorType> inputs)
    {
        Shape shape = inputs[0].Shape;
        if (requantize.ByValidCount ? Length(requantize.Multipliers) < 1
            : Length(requantize.Multipliers) != 1 && Length(requantize.Multipliers) != shape.Channels)
            return Text($"{Length(requantize.Multipliers)} multipliers for {shape.Channels} channels");
        if (Length(requantize.Offsets) != 0 && Length(requantize.Offsets) != shape.Channels)
            return Text($"{Length(requantize.Offsets)} offsets for {shape.Channels} channels");
        if (inputs.Length < 2)
            return null;
        if (inputs[1].Shape != shape)
            return Text($"a requantization of {shape} and {inputs[1].Shape}");
        return inputs[1].Format!.Value.Bits > 16 ? Text($"the second input is {inputs[1].Format}, more than 16 bits") : null;
    }

    // Keeps every product of two extents, a stride and a pad inside int32.
    private const int MaxExtent = 1 << 28;

    private static string? WindowRefusal(KernelWindow g, bool isPool, Shape shape)
    {
        if (g is null)
            return "no window";
        if (g.KernelRows < 1 || g.KernelColumns < 1 || g.StrideY < 1 || g.StrideX < 1 || g.DilationY < 1 || g.DilationX < 1)
            return Text($"kernel {g.KernelRows} x {g.KernelColumns}, strides {g.StrideY}, {g.StrideX}, dilations {g.DilationY}, {
                g.DilationX}");
        if ((long)g.KernelRows * g.DilationY > MaxExtent || (long)g.KernelColumns * g.DilationX > MaxExtent
            || Math.Max(g.StrideY, g.StrideX) > MaxExtent || Math.Max(shape.Height, shape.Width) > MaxExtent)
            return "a window beyond 2^28";
        if (g.PadTop < 0 || g.PadLeft < 0 || g.PadBottom < 0 || g.PadRight < 0)
            return "negative padding";
        if (Math.Max(Math.Max(g.PadTop, g.PadBottom), Math.Max(g.PadLeft, g.PadRight)) > MaxExtent)
            return "padding beyond 2^28";
        // A pool's window must touch the map: a maximum of padding alone has no value.
        if (isPool && (g.PadTop >= g.SpanRows || g.PadBottom >= g.SpanRows || g.PadLeft >= g.SpanColumns || g.PadRight >= g.SpanColumns))
            return "a pool's padding as large as its window";
        (int height, int width) = g.Output(shape.Height, shape.Width);
        if (isPool && height >= 1 && width >= 1 && g.IsPadded
            && !(EveryWindowTouches(height, g.StrideY, g.PadTop, g.KernelRows, g.DilationY, shape.Height)
                && EveryWindowTouches(width, g.StrideX, g.PadLeft, g.KernelColumns, g.DilationX, shape.Width)))
            return "a pool's window that falls on padding alone";
        return height < 1 || width < 1 ? Text($"a window of {g.SpanRows} x {g.SpanColumns} does not fit {shape}") : null;
    }

    // Dilated taps may step over a small map. Without dilation a padding smaller than the window is enough.
    private static bool EveryWindowTouches(int windows, int stride, int before, int taps, int dilation, int extent)
    {
        for (int window = 0; dilation > 1 && window < windows; window++)
        {
            long start = (long)window * stride - before;
            long first = start >= 0 ? start : start + (-start + dilation - 1) / dilation * dilation;
            if (first >= extent || first > start + (taps - 1L) * dilation)
                return false;
        }

        return true;
    }

    private static string? ConvRefusal(KernelWindow geometry, int outputs, int groups, Shape shape, int weights, int biases)
    {
        if (WindowRefusal(geometry, isPool: false, shape) is { } refusal)
            return refusal;
        if (outputs < 1 || groups < 1 || outputs % groups != 0 || shape.Channels % groups != 0)
            return Text($"{shape.Channels} input and {outputs} output channels in {groups} groups");
        Int128 wanted = (Int128)outputs * (shape.Channels / groups) * geometry.Taps;
        if (weights != wanted)
            return Text($"{weights} weights for {outputs} x {shape.Channels / groups} x {geometry.KernelRows} x {geometry.KernelColumns}");
        return biases != outputs ? Text($"{biases} biases for {outputs} channels") : null;
    }

    private static string? SliceRefusal(Slice slice, Shape shape)
    {
        bool fits = Fits(slice.StartChannel, 1, slice.Channels, shape.Channels)
            && Fits(slice.StartY, slice.StepY, slice.Rows, shape.Height)
            && Fits(slice.StartX, slice.StepX, slice.Columns, shape.Width);
        return fits ? null : Text($"a slice beyond {shape}");

        static bool Fits(int start, int step, int count, int extent) =>
            start >= 0 && step >= 1 && count >= 1 && start + (count - 1L) * step < extent;
    }

    private static int Length<T>(ImmutableArray<T> array) => array.IsDefault ? 0 : array.Length;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
