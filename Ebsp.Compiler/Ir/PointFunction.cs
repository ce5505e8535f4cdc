namespace Ebsp.Compiler.Ir;

/// <summary>Which function of one value a <see cref="PointFunction"/> is.</summary>
public enum PointFunctionKind
{
    /// <summary>x, or Alpha * x below zero.</summary>
    LeakyRelu = 0,

    /// <summary>x, or Alpha * (e^x - 1) below zero.</summary>
    Elu = 1,

    /// <summary>1 / (1 + e^-x).</summary>
    Sigmoid = 2,

    /// <summary>Alpha * x + Beta, bounded by 0 and 1.</summary>
    HardSigmoid = 3,

    /// <summary>x * (x / 6 + 1/2, bounded by 0 and 1).</summary>
    HardSwish = 4,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh = 5,

    /// <summary>Any other, written out.</summary>
    Expression = 6,
}

/// <summary>A function of each value; on integers a table.</summary>
/// <param name="Kind">Which one.</param>
/// <param name="Alpha">Parameter of LeakyRelu, Elu and HardSigmoid; 0 elsewhere.</param>
/// <param name="Beta">Parameter of HardSigmoid; 0 elsewhere.</param>
public sealed record PointFunction(PointFunctionKind Kind, float Alpha = 0, float Beta = 0) : Op
{
    /// <summary>A function that is written out.</summary>
    public PointFunction(PointExpression expression)
        : this(PointFunctionKind.Expression) => Expression = expression;

    /// <summary>The steps of a function that is written out; null for the others.</summary>
    public PointExpression? Expression { get; init; }

    /// <summary>The function, in double.</summary>
    public double Of(double x) => Kind switch
    {
        PointFunctionKind.LeakyRelu => x < 0 ? Alpha * x : x,
        PointFunctionKind.Elu => x < 0 ? Alpha * (Math.Exp(x) - 1) : x,
        PointFunctionKind.Sigmoid => 1 / (1 + Math.Exp(-x)),
        PointFunctionKind.HardSigmoid => Math.Clamp(Alpha * x + Beta, 0, 1),
        PointFunctionKind.HardSwish => x * Math.Clamp(x / 6 + 0.5, 0, 1),
        PointFunctionKind.Expression => Expression!.Of(x),
        _ => Math.Tanh(x),
    };

    /// <summary>
    /// Where the function goes on as good as constant: clamping x to it changes the result by less than half of 1/255, a step of 8 bits.
    /// Integers need not reach further.
    /// </summary>
    public (double Least, double Most) Bounds => Kind switch
    {
        PointFunctionKind.Sigmoid => (-6.5, 6.5),
        PointFunctionKind.Tanh => (-3.5, 3.5),
        PointFunctionKind.Elu when Alpha != 0 => (-6.5 - Math.Log(Math.Max(Math.Abs(Alpha), 1)), double.PositiveInfinity),
        PointFunctionKind.HardSigmoid when Alpha != 0 => (Math.Min(-Beta / (double)Alpha, (1 - Beta) / (double)Alpha),
            Math.Max(-Beta / (double)Alpha, (1 - Beta) / (double)Alpha)),
        PointFunctionKind.HardSwish => (-3, double.PositiveInfinity),
        PointFunctionKind.Expression => Expression!.Bounds(),
        _ => (double.NegativeInfinity, double.PositiveInfinity),
    };
}
