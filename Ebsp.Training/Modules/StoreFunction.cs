using Ebsp.Isa.Numerics;
using Ebsp.Training.Native;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace Ebsp.Training.Modules;

/// <summary>One form in which a tensor is stored while training.</summary>
/// <param name="Scale">Its scale and format.</param>
/// <param name="Minimum">Clamp in front of it, real.</param>
/// <param name="Maximum">Clamp in front of it, real.</param>
internal sealed record TrainedForm(LearnedScale Scale, float Minimum, float Maximum);

/// <summary>
/// A real tensor as it is stored, in one form or in several: clamp, rounding and projection in one pass over its memory, and one pass
/// back for each form.
/// </summary>
internal sealed class StoreFunction : MultiTensorFunction<StoreFunction>
{
    /// <inheritdoc/>
    public override string Name => nameof(StoreFunction);

    /// <summary>The stored forms of a tensor.</summary>
    public static List<Tensor> Of(Tensor values, TrainedForm[] forms) => apply(values, forms);

    /// <inheritdoc/>
    public override List<Tensor> forward(AutogradContext ctx, params object[] vars)
    {
        Tensor x = ((Tensor)vars[0]).Dense();
        TrainedForm[] forms = (TrainedForm[])vars[1];
        ctx.save_for_backward([x]);
        ctx.save_data(nameof(forms), forms);
        return [.. forms.Select(form => Stored(x, form))];
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(AutogradContext ctx, List<Tensor> grad_outputs)
    {
        Tensor x = ctx.get_saved_variables()[0];
        TrainedForm[] forms = (TrainedForm[])ctx.get_data("forms");
        Tensor result = empty_like(x);
        bool add = false;
        for (int i = 0; i < forms.Length; i++)
        {
            LearnedScale scale = forms[i].Scale;
            Tensor g = grad_outputs[i].InOrderOf(x);
            double slope = StoreKernel.Backward(x.Floats(), g.Floats(), 1 / scale.Values[0], scale.Format, scale.Terms, BoundsOf(forms[i]),
                nearest: false, add, result.Floats());
            // Esser et al.: by the number of values of one image and the largest integer, so that scales move as weights do.
            scale.Gradients[0] += (float)(slope / Math.Sqrt((double)x.numel() / x.shape[0] * scale.Largest));
            add = true;
        }

        return [result, null!];
    }

    private static Tensor Stored(Tensor x, TrainedForm form)
    {
        Tensor stored = empty_like(x);
        float scale = form.Scale.Values[0];
        StoreKernel.Bounds bounds = BoundsOf(form);
        FloatProjection.Requantize(x.Floats(), 1 / scale, scale, form.Scale.Format, form.Scale.Terms, bounds.Lo, bounds.Hi,
            stored.Floats());
        return stored;
    }

    private static StoreKernel.Bounds BoundsOf(TrainedForm form) =>
        StoreKernel.Bounds.Of(form.Scale.Format, form.Minimum, form.Maximum, form.Scale.Values[0]);
}

/// <summary>Weights as the machine holds them: the nearest value of the format, on the scale of each output channel (masking).</summary>
internal sealed class MaskFunction : SingleTensorFunction<MaskFunction>
{
    /// <inheritdoc/>
    public override string Name => nameof(MaskFunction);

    /// <summary>The masked weights.</summary>
    public static Tensor Of(Tensor weights, LearnedScale scale) => apply(weights, scale);

    /// <inheritdoc/>
    public override Tensor forward(AutogradContext ctx, params object[] vars)
    {
        Tensor w = (Tensor)vars[0];
        LearnedScale scale = (LearnedScale)vars[1];
        ctx.save_for_backward([w]);
        ctx.save_data(nameof(scale), scale);
        Tensor masked = empty_like(w);
        Project(w.Floats(), scale, masked.Floats(), inUnits: false);
        return masked;
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
    {
        Tensor w = ctx.get_saved_variables()[0];
        LearnedScale scale = (LearnedScale)ctx.get_data(nameof(scale));
        Tensor g = grad_output.InOrderOf(w), result = empty_like(w);
        Span<float> from = w.Floats(), gradients = g.Floats(), to = result.Floats();
        int row = from.Length / scale.Values.Length, most = scale.Largest;
        for (int k = 0; k < scale.Values.Length; k++)
        {
            double slope = StoreKernel.Backward(from.Slice(k * row, row), gradients.Slice(k * row, row), 1 / scale.Values[k], scale.Format,
                scale.Terms, new StoreKernel.Bounds(-most, most, true, true), nearest: scale.Terms == 1, add: false,
                to.Slice(k * row, row));
            scale.Gradients[k] += (float)(slope / Math.Sqrt((double)row * most));
        }

        return [result, null!];
    }

    /// <summary>Weights, masked; or their integers.</summary>
    /// <param name="weights">[K, ...].</param>
    /// <param name="scale">One scale a channel.</param>
    /// <param name="masked">As many.</param>
    /// <param name="inUnits">Whether the integers are wanted.</param>
    public static void Project(ReadOnlySpan<float> weights, LearnedScale scale, Span<float> masked, bool inUnits)
    {
        int row = weights.Length / scale.Values.Length;
        for (int k = 0; k < scale.Values.Length; k++)
        {
            float unit = scale.Values[k];
            ReadOnlySpan<float> from = weights.Slice(k * row, row);
            Span<float> to = masked.Slice(k * row, row);
            if (scale.Terms == 1)
                FloatProjection.Nearest(from, 1 / unit, inUnits ? 1 : unit, scale.Format, to);
            else
                FloatProjection.Requantize(from, 1 / unit, inUnits ? 1 : unit, scale.Format, 2, int.MinValue, int.MaxValue, to);
        }
    }
}
