using System.Collections.Frozen;
using Ebsp.Compiler.Ir;
using static Ebsp.Compiler.Ir.PointExpression;
using static Ebsp.Compiler.Ir.PointStepKind;

namespace Ebsp.Compiler.Import;

/// <summary>The ONNX operators that are a function of each value, written out: for constants and for the graph alike.</summary>
internal static class PointFormulas
{
    private static readonly PointExpression X = PointExpression.Input;

    /// <summary>By name, with the attributes of the node.</summary>
    public static FrozenDictionary<string, Func<OnnxAttributes, PointExpression>> All { get; } =
        new Dictionary<string, Func<OnnxAttributes, PointExpression>>
        {
            ["Relu"] = _ => Max(X, 0),
            ["LeakyRelu"] = node => Leaky(node.Float("alpha", 0.01f)),
            ["ThresholdedRelu"] = node => X * Above(node.Float("alpha", 1)),
            ["Elu"] = node => Exponential(node.Float("alpha", 1)),
            ["Selu"] = node => Exponential(node.Float("alpha", 1.67326319217681884765625f))
                * node.Float("gamma", 1.05070102214813232421875f),
            ["Celu"] = node => Max(X, 0) + Min(0, node.Float("alpha", 1) * (Of(Exp, X / node.Float("alpha", 1)) - 1)),
            ["Sigmoid"] = _ => Logistic(X),
            ["HardSigmoid"] = node => Bounded(node.Float("alpha", 0.2f) * X + node.Float("beta", 0.5f)),
            ["HardSwish"] = _ => X * Bounded(X / 6 + 0.5),
            ["Swish"] = node => X * Logistic(node.Float("alpha", 1) * X),
            ["Softplus"] = _ => SoftPlus(X),
            ["Softsign"] = _ => X / (1 + Of(Abs, X)),
            ["Mish"] = _ => X * Of(Tanh, SoftPlus(X)),
            ["Gelu"] = node => node.Text("approximate", "none") switch
            {
                "none" => 0.5 * X * (1 + Of(Erf, X / Math.Sqrt(2))),
                "tanh" => 0.5 * X * (1 + Of(Tanh, Math.Sqrt(2 / Math.PI) * (X + 0.044715 * (X * X * X)))),
                var other => throw new NotMappedException($"approximate '{other}'"),
            },
            ["Shrink"] = node => (X - node.Float("bias", 0)) * Above(node.Float("lambd", 0.5f))
                + (X + node.Float("bias", 0)) * Of(PointStepKind.Neg, Min(Of(Sign, X + node.Float("lambd", 0.5f)), 0)),
            ["Neg"] = _ => Of(PointStepKind.Neg, X),
            ["Reciprocal"] = _ => 1 / X,
            ["Abs"] = _ => Of(Abs, X),
            ["Sign"] = _ => Of(Sign, X),
            ["Floor"] = _ => Of(Floor, X),
            ["Ceil"] = _ => Of(Ceil, X),
            ["Round"] = _ => Of(Round, X),
            ["Exp"] = _ => Of(Exp, X),
            ["Log"] = _ => Of(Log, X),
            ["Sqrt"] = _ => Of(Sqrt, X),
            ["Erf"] = _ => Of(Erf, X),
            ["Sin"] = _ => Of(Sin, X),
            ["Cos"] = _ => Of(Cos, X),
            ["Tan"] = _ => Of(Tan, X),
            ["Asin"] = _ => Of(Asin, X),
            ["Acos"] = _ => Of(Acos, X),
            ["Atan"] = _ => Of(Atan, X),
            ["Sinh"] = _ => Of(Sinh, X),
            ["Cosh"] = _ => Of(Cosh, X),
            ["Tanh"] = _ => Of(Tanh, X),
            ["Asinh"] = _ => Of(Asinh, X),
            ["Acosh"] = _ => Of(Acosh, X),
            ["Atanh"] = _ => Of(Atanh, X),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>x between two bounds, infinite ones left out.</summary>
    public static PointExpression Clamped(double least, double most)
    {
        PointExpression x = double.IsFinite(least) ? Max(X, least) : X;
        return double.IsFinite(most) ? Min(x, most) : x;
    }

    private static PointExpression Leaky(double slope) => Max(X, 0) + slope * Min(X, 0);

    private static PointExpression Exponential(double alpha) => Max(X, 0) + alpha * (Of(Exp, Min(X, 0)) - 1);

    private static PointExpression Logistic(PointExpression x) => 1 / (1 + Of(Exp, Of(PointStepKind.Neg, x)));

    private static PointExpression Bounded(PointExpression x) => Max(0, Min(1, x));

    // log(1 + e^x) without an overflow.
    private static PointExpression SoftPlus(PointExpression x) => Max(x, 0) + Of(Log, 1 + Of(Exp, Of(PointStepKind.Neg, Of(Abs, x))));

    // 1 above a number, else 0.
    private static PointExpression Above(double number) => Max(Of(Sign, X - number), 0);
}
