using System.Collections.Immutable;
using System.Globalization;

namespace Ebsp.Compiler.Ir;

/// <summary>
/// What a step of a <see cref="PointExpression"/> does with the values on its stack. The names are those of ONNX operators.
/// </summary>
public enum PointStepKind
{
    /// <summary>Puts the argument of the function on the stack.</summary>
    Input = 0,

    /// <summary>Puts a number on the stack.</summary>
    Constant = 1,

    /// <summary>a + b.</summary>
    Add = 2,

    /// <summary>a - b.</summary>
    Sub = 3,

    /// <summary>a * b.</summary>
    Mul = 4,

    /// <summary>a / b.</summary>
    Div = 5,

    /// <summary>a to the power of b.</summary>
    Pow = 6,

    /// <summary>The larger of a and b.</summary>
    Max = 7,

    /// <summary>The smaller of a and b.</summary>
    Min = 8,

    /// <summary>-a.</summary>
    Neg = 9,

    /// <summary>Magnitude.</summary>
    Abs = 10,

    /// <summary>-1, 0 or 1.</summary>
    Sign = 11,

    /// <summary>Largest whole number of at most a.</summary>
    Floor = 12,

    /// <summary>Smallest whole number of at least a.</summary>
    Ceil = 13,

    /// <summary>Nearest whole number, ties to even.</summary>
    Round = 14,

    /// <summary>e to the power of a.</summary>
    Exp = 15,

    /// <summary>Natural logarithm.</summary>
    Log = 16,

    /// <summary>Square root.</summary>
    Sqrt = 17,

    /// <summary>Error function.</summary>
    Erf = 18,

    /// <summary>Sine, of radians.</summary>
    Sin = 19,

    /// <summary>Cosine, of radians.</summary>
    Cos = 20,

    /// <summary>Tangent, of radians.</summary>
    Tan = 21,

    /// <summary>Arc sine.</summary>
    Asin = 22,

    /// <summary>Arc cosine.</summary>
    Acos = 23,

    /// <summary>Arc tangent.</summary>
    Atan = 24,

    /// <summary>Hyperbolic sine.</summary>
    Sinh = 25,

    /// <summary>Hyperbolic cosine.</summary>
    Cosh = 26,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh = 27,

    /// <summary>Inverse hyperbolic sine.</summary>
    Asinh = 28,

    /// <summary>Inverse hyperbolic cosine.</summary>
    Acosh = 29,

    /// <summary>Inverse hyperbolic tangent.</summary>
    Atanh = 30,
}

/// <summary>One step.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Value">The number of a constant; 0 elsewhere.</param>
public readonly record struct PointStep(PointStepKind Kind, double Value = 0);

/// <summary>Any function of one value, as the steps of a stack machine: operands first, one value left at the end.</summary>
/// <param name="steps">At most <see cref="MaxSteps"/>.</param>
public sealed class PointExpression(ImmutableArray<PointStep> steps) : IEquatable<PointExpression>
{
    /// <summary>Most steps.</summary>
    public const int MaxSteps = 128;

    private Func<double, double>? _function;

    /// <summary>The steps in order.</summary>
    public ImmutableArray<PointStep> Steps => steps;

    /// <summary>x itself.</summary>
    public static PointExpression Input { get; } = new([new PointStep(PointStepKind.Input)]);

    /// <summary>The number of values that a step takes from the stack.</summary>
    public static int OperandsOf(PointStepKind kind) => kind switch
    {
        PointStepKind.Input or PointStepKind.Constant => 0,
        <= PointStepKind.Min => 2,
        _ => 1,
    };

    /// <summary>The same value for every x.</summary>
    public static PointExpression Number(double constant) => new([new PointStep(PointStepKind.Constant, constant)]);

    /// <summary>A step on one or two functions.</summary>
    public static PointExpression Of(PointStepKind kind, PointExpression a, PointExpression? b = null) =>
        new([.. a.Steps, .. b is null ? [] : b.Steps.AsEnumerable(), new PointStep(kind)]);

    /// <summary>a + b.</summary>
    public static PointExpression operator +(PointExpression a, PointExpression b) => Of(PointStepKind.Add, a, b);

    /// <summary>a - b.</summary>
    public static PointExpression operator -(PointExpression a, PointExpression b) => Of(PointStepKind.Sub, a, b);

    /// <summary>a * b.</summary>
    public static PointExpression operator *(PointExpression a, PointExpression b) => Of(PointStepKind.Mul, a, b);

    /// <summary>a / b.</summary>
    public static PointExpression operator /(PointExpression a, PointExpression b) => Of(PointStepKind.Div, a, b);

    /// <summary>A number as a function.</summary>
    public static implicit operator PointExpression(double constant) => Number(constant);

    /// <summary>The larger of two.</summary>
    public static PointExpression Max(PointExpression a, PointExpression b) => Of(PointStepKind.Max, a, b);

    /// <summary>The smaller of two.</summary>
    public static PointExpression Min(PointExpression a, PointExpression b) => Of(PointStepKind.Min, a, b);

    /// <summary>This function of another's value.</summary>
    public PointExpression Of(PointExpression inner) =>
        new([.. Steps.SelectMany(step => step.Kind == PointStepKind.Input ? inner.Steps : [step])]);

    /// <summary>Why the steps are no function, or null.</summary>
    public string? Refusal()
    {
        if (Steps.IsDefaultOrEmpty || Steps.Length > MaxSteps)
            return $"a function of {(Steps.IsDefault ? 0 : Steps.Length)} steps";
        int depth = 0;
        foreach (PointStep step in Steps)
        {
            if (!Enum.IsDefined(step.Kind) || !double.IsFinite(step.Value) || step.Kind != PointStepKind.Constant && step.Value != 0)
                return "a function with an unknown step";
            depth -= OperandsOf(step.Kind);
            if (depth < 0)
                return "a function that lacks an operand";
            depth++;
        }

        return depth == 1 ? null : "a function that leaves more than one value";
    }

    /// <summary>The function, in double.</summary>
    public double Of(double x) => (_function ??= Compile())(x);

    /// <summary>
    /// Where the function goes on as good as constant: clamping x to it changes the result by less than half of 1/255. Found by looking
    /// at it: 2^-4 apart up to 2^6, then at powers of 2 up to 2^20.
    /// </summary>
    public (double Least, double Most) Bounds() => (-Bound(-1), Bound(1));

    /// <inheritdoc/>
    public bool Equals(PointExpression? other) => other is not null && Steps.AsSpan().SequenceEqual(other.Steps.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PointExpression);

    /// <inheritdoc/>
    public override int GetHashCode() => Steps.Aggregate(0, HashCode.Combine);

    /// <summary>The steps in order, <c>Input Abs 1 Add</c>.</summary>
    public override string ToString() => string.Join(' ', Steps.Select(step => step.Kind == PointStepKind.Constant
        ? step.Value.ToString("R", CultureInfo.InvariantCulture) : step.Kind.ToString()));

    private double Bound(int sign)
    {
        double[] places =
        [
            .. Enumerable.Range(0, (1 << 10) + 1).Select(i => i / 16.0), .. Enumerable.Range(7, 14).Select(i => Math.ScaleB(1, i)),
        ];
        // From the far end inwards as long as all that was passed stays together.
        double least = double.PositiveInfinity, most = double.NegativeInfinity, found = double.PositiveInfinity;
        for (int i = places.Length - 1; i >= 0; i--)
        {
            double value = Of(sign * places[i]);
            (least, most) = (Math.Min(least, value), Math.Max(most, value));
            if (!double.IsFinite(value) || most - least >= 0.4 / 255)
                break;
            found = i < places.Length - 1 ? places[i] : found;
        }

        return found;
    }

    private Func<double, double> Compile()
    {
        Stack<Func<double, double>> stack = new();
        foreach ((PointStepKind kind, double value) in Steps)
        {
            if (OperandsOf(kind) == 0)
            {
                stack.Push(kind == PointStepKind.Input ? x => x : _ => value);
                continue;
            }

            Func<double, double> b = stack.Pop();
            if (OperandsOf(kind) == 1)
            {
                Func<double, double> f = Unary(kind);
                stack.Push(x => f(b(x)));
                continue;
            }

            Func<double, double> a = stack.Pop();
            stack.Push(kind switch
            {
                PointStepKind.Add => x => a(x) + b(x),
                PointStepKind.Sub => x => a(x) - b(x),
                PointStepKind.Mul => x => a(x) * b(x),
                PointStepKind.Div => x => a(x) / b(x),
                PointStepKind.Pow => x => Math.Pow(a(x), b(x)),
                PointStepKind.Max => x => Math.Max(a(x), b(x)),
                _ => x => Math.Min(a(x), b(x)),
            });
        }

        return stack.Pop();
    }

    private static Func<double, double> Unary(PointStepKind kind) => kind switch
    {
        PointStepKind.Neg => x => -x,
        PointStepKind.Abs => Math.Abs,
        PointStepKind.Sign => x => double.IsNaN(x) ? x : Math.Sign(x),
        PointStepKind.Floor => Math.Floor,
        PointStepKind.Ceil => Math.Ceiling,
        PointStepKind.Round => x => Math.Round(x, MidpointRounding.ToEven),
        PointStepKind.Exp => Math.Exp,
        PointStepKind.Log => Math.Log,
        PointStepKind.Sqrt => Math.Sqrt,
        PointStepKind.Erf => Erf,
        PointStepKind.Sin => Math.Sin,
        PointStepKind.Cos => Math.Cos,
        PointStepKind.Tan => Math.Tan,
        PointStepKind.Asin => Math.Asin,
        PointStepKind.Acos => Math.Acos,
        PointStepKind.Atan => Math.Atan,
        PointStepKind.Sinh => Math.Sinh,
        PointStepKind.Cosh => Math.Cosh,
        PointStepKind.Tanh => Math.Tanh,
        PointStepKind.Asinh => Math.Asinh,
        PointStepKind.Acosh => Math.Acosh,
        _ => Math.Atanh,
    };

    // 2 / sqrt(pi) * e^(-x^2) * sum of 2^n x^(2n+1) / (1 * 3 * ... * (2n+1)): all terms have one sign (Abramowitz and Stegun, 7.1.6).
    private static double Erf(double x)
    {
        if (!(Math.Abs(x) < 6))
            return double.IsNaN(x) ? x : Math.Sign(x);
        double term = x, sum = x;
        for (int n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }
}
