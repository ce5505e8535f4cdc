using Ebsp.Compiler.Ir;
using Ebsp.Training.Native;
using static TorchSharp.torch;

namespace Ebsp.Training.Modules;

/// <summary>Functions of one value.</summary>
internal static class Points
{
    /// <summary>The function of every value.</summary>
    public static Tensor Run(Tensor x, PointFunction function) => function.Kind switch
    {
        PointFunctionKind.LeakyRelu => nn.functional.leaky_relu(x, function.Alpha),
        PointFunctionKind.Elu => nn.functional.elu(x, function.Alpha),
        PointFunctionKind.Sigmoid => x.sigmoid(),
        PointFunctionKind.Tanh => x.tanh(),
        PointFunctionKind.HardSigmoid => x.Times(function.Alpha).Plus(function.Beta).AtLeast(0).AtMost(1),
        PointFunctionKind.HardSwish => x * x.Times(1 / 6.0).Plus(0.5).AtLeast(0).AtMost(1),
        _ => WrittenOut.Of(x, function),
    };

    /// <summary>A function that is written out, value by value; its slope by differences.</summary>
    private sealed class WrittenOut : autograd.SingleTensorFunction<WrittenOut>
    {
        // Half a step of the differences: the cube root of what a double rounds away.
        private const double Step = 6e-6;

        public override string Name => nameof(WrittenOut);

        public static Tensor Of(Tensor x, PointFunction function) => apply(x.to(ScalarType.Float32), function);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            Tensor x = ((Tensor)vars[0]).Dense();
            PointFunction function = (PointFunction)vars[1];
            ctx.save_for_backward([x]);
            ctx.save_data(nameof(function), function);
            Tensor y = empty_like(x);
            Span<float> from = x.Floats(), to = y.Floats();
            for (int i = 0; i < from.Length; i++)
                to[i] = (float)function.Of(from[i]);
            return y;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            Tensor x = ctx.get_saved_variables()[0];
            PointFunction function = (PointFunction)ctx.get_data("function");
            Tensor result = empty_like(x);
            Span<float> from = x.Floats(), g = grad_output.InOrderOf(x).Floats(), to = result.Floats();
            for (int i = 0; i < from.Length; i++)
                to[i] = (float)(g[i] * (function.Of(from[i] + Step) - function.Of(from[i] - Step)) / (2 * Step));
            return [result, null!];
        }
    }
}
