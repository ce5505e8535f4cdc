using Ebsp.Isa.Numerics;
using Ebsp.Training.Modules;
using Ebsp.Training.Native;
using static TorchSharp.torch;

namespace Ebsp.Training.Tests.Modules;

/// <summary>Rounding and projection in one pass, forward and back, against the same in tensor operations.</summary>
[TestClass]
public sealed class StoreTests
{
    public static IEnumerable<object[]> Cases =>
    [
        [PatternFormat.Window(6, 3, signed: false), 0f, float.PositiveInfinity],
        [PatternFormat.Window(6, 3, signed: false), 0f, 6f],
        [PatternFormat.Window(6, 3, signed: true), float.NegativeInfinity, float.PositiveInfinity],
        [PatternFormat.Window(8, 4, signed: false), 0f, float.PositiveInfinity],
        [PatternFormat.Window(4, 1, signed: true), -0.5f, 0.75f],
        [PatternFormat.Uniform(8, signed: true), float.NegativeInfinity, float.PositiveInfinity],
    ];

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void StoreFunction_OfAnyFormat_IsThatInTensorOperations(PatternFormat format, float minimum, float maximum)
    {
        Torch.Require();
        using var scope = NewDisposeScope();
        const float Scale = 0.11f;
        float inverse = 1 / Scale;
        // 3 x 5 x 5 leaves a tail behind whole vectors.
        Tensor x = (randn([2, 3, 5, 5]) * 5).permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2).requires_grad_(true);
        Tensor g = randn([2, 3, 5, 5]);
        LearnedScale scale = new("s", [Scale], format, 1);
        Tensor stored = StoreFunction.Of(x, [new TrainedForm(scale, minimum, maximum)])[0];
        (stored * g).sum().backward();

        Tensor r = x.detach() * inverse;
        double limit = (1L << format.MagnitudeBits) - 1, least = format.Signed ? -limit : 0;
        double lo = Math.Clamp(Math.Round(minimum / (double)Scale), least, limit), hi = Math.Clamp(Math.Round(maximum / (double)Scale),
            least, limit);
        Tensor whole = (r + 0.5).floor().clamp(lo, hi);
        Tensor table = tensor(Enumerable.Range(0, 256).Select(m => (float)Projection.ProjectMagnitude(m, format)).ToArray());
        Tensor q = whole.sign() * table.index_select(0, whole.abs().to(ScalarType.Int64).flatten()).view_as(whole);
        Equal(q * Scale, stored.detach(), "forward");

        double low = Math.Max(lo, format.MinValue), high = Math.Min(hi, format.MaxMagnitude);
        Tensor inside = (r > low).logical_and(r < high).to(ScalarType.Float32);
        Equal(g * inside, x.grad!, "backward");
        double slope = (g * inside * (q - r)).sum().item<float>();
        if (lo <= format.MinValue)
            slope += (g * (r <= low).to(ScalarType.Float32)).sum().item<float>() * low;
        if (hi >= format.MaxMagnitude)
            slope += (g * (r >= high).to(ScalarType.Float32)).sum().item<float>() * high;
        Assert.AreEqual(slope / Math.Sqrt(75.0 * format.MaxMagnitude), scale.Gradients[0], 1e-3 * Math.Abs(slope) + 1e-4, "scale");
    }

    [TestMethod]
    public void StoreFunction_OfTwoForms_AddsTheirGradients()
    {
        Torch.Require();
        using var scope = NewDisposeScope();
        Tensor x = randn([2, 4, 3, 3]).requires_grad_(true), a = randn([2, 4, 3, 3]), b = randn([2, 4, 3, 3]);
        TrainedForm plain = Form(PatternFormat.Uniform(8, signed: true), 0.02f), projected = Form(PatternFormat.Window(6, 3,
            signed: true), 0.05f);
        List<Tensor> both = StoreFunction.Of(x, [plain, projected]);
        (both[0] * a + both[1] * b).sum().backward();
        Tensor first = randn([1]);
        Tensor sum = Alone(plain, a) + Alone(projected, b);
        Equal(sum, x.grad!, "sum");

        Tensor Alone(TrainedForm form, Tensor g)
        {
            Tensor y = x.detach().clone().requires_grad_(true);
            (StoreFunction.Of(y, [form])[0] * g).sum().backward();
            return y.grad!;
        }

        static TrainedForm Form(PatternFormat format, float scale) =>
            new(new LearnedScale("s", [scale], format, 1), float.NegativeInfinity, float.PositiveInfinity);
    }

    [TestMethod]
    public void MaskFunction_OfWeights_IsTheBatchProjectionOfEachChannel()
    {
        Torch.Require();
        using var scope = NewDisposeScope();
        PatternFormat format = PatternFormat.Window(6, 3, signed: true);
        float[] scales = [0.03f, 0.07f, 0.2f];
        Tensor w = randn([3, 4, 3, 3]).requires_grad_(true);
        Tensor masked = MaskFunction.Of(w, new LearnedScale("w", scales, format, 1));
        sbyte[] integers = new sbyte[36];
        for (int k = 0; k < 3; k++)
        {
            BatchProjection.Project(w.Floats().Slice(k * 36, 36), 1 / scales[k], format, integers);
            for (int i = 0; i < 36; i++)
                Assert.AreEqual(integers[i] * scales[k], masked.Floats()[k * 36 + i]);
        }
    }

    private static void Equal(Tensor expected, Tensor actual, string what) =>
        Assert.AreEqual(0f, (expected - actual).abs().max().item<float>(), what);
}
