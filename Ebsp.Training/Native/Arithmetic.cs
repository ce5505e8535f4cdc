using TorchSharp;
using static TorchSharp.torch;

namespace Ebsp.Training.Native;

/// <summary>
/// Arithmetic with numbers. TorchSharp hands a number to the native library as an object that its call no longer holds: where the garbage
/// collector runs at that moment, the number is gone before it is read, and a run of hours ends with an error. Here it is held.
/// </summary>
internal static class Arithmetic
{
    private static readonly Scalar One = 1;

    /// <summary>x + y, whose factor of y is such a number too.</summary>
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, One);

    /// <summary>x - y.</summary>
    public static Tensor Minus(this Tensor x, Tensor y) => x.Plus(y.neg());

    /// <summary>x + number.</summary>
    public static Tensor Plus(this Tensor x, double number) => With(number, scalar => x.add(scalar));

    /// <summary>x * number.</summary>
    public static Tensor Times(this Tensor x, double number) => With(number, scalar => x.mul(scalar));

    /// <summary>max(x, number).</summary>
    public static Tensor AtLeast(this Tensor x, double number) => With(number, scalar => x.clamp_min(scalar));

    /// <summary>min(x, number).</summary>
    public static Tensor AtMost(this Tensor x, double number) => With(number, scalar => x.clamp_max(scalar));

    /// <summary>x ^ number.</summary>
    public static Tensor Power(this Tensor x, double number) => With(number, scalar => x.pow(scalar));

    private static Tensor With(double number, Func<Scalar, Tensor> call)
    {
        Scalar scalar = number;
        Tensor result = call(scalar);
        GC.KeepAlive(scalar);
        return result;
    }
}
