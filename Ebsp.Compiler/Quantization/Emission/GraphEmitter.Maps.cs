using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference.FloatOps;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Emission;

// Products, local responses and functions of plain tensors: their tables and multipliers.
public sealed partial class GraphEmitter
{
    private EmittedStep Map(MapStep step)
    {
        IntegerTensor[] inputs = [.. step.Node.Inputs.Select(input => _stored[input].Plain!)];
        StoredTensor stored = new(step.Node.Op is PointFunction point
            ? Codes(inputs[0].Format).All(code => point.Of(code.Value * inputs[0].Type.Scale) >= 0)
            : inputs.All(input => !input.Format.Signed));
        List<WrittenForm> written = [];
        foreach (Forms form in StoresOf(step))
        {
            PatternFormat format = step.FormatOf(form, stored.IsUnsigned);
            double scale = _scales.ScaleOf(step, format, 1);
            Op op = step.Node.Op switch
            {
                PointFunction function => Table(function, inputs[0].Type, format, scale),
                Multiply => Product(inputs[0].Type, inputs[1].Type, format, scale, step.Node.Name),
                _ => Response((LocalResponseNorm)step.Node.Op, inputs[0].Type, format, scale, step.Node.Name),
            };
            IntegerTensor made = Add(StoredTensor.NameOf(step.Output, form, step.Forms), op, scale,
                [.. inputs.Select(input => input.Name)]);
            stored = stored.With(form, made);
            written.Add(new WrittenForm(form, made, null, null));
        }

        return new EmittedStep(stored, inputs[0].Format, written);
    }

    private static LookUp Table(PointFunction function, TensorType input, PatternFormat format, double scale)
    {
        int limit = (int)((1L << format.MagnitudeBits) - 1), lo = format.Signed ? -limit : 0;
        // Codes that no value has are never looked up.
        byte[] table = new byte[256];
        foreach ((int code, int value) in Codes(input.Format!.Value))
        {
            int q = (int)Math.Clamp(Math.Floor(function.Of(value * input.Scale) / scale + 0.5), lo, limit);
            table[code] = (byte)SlotCode.Encode(Projection.Project(q, format), format);
        }

        return new LookUp(format, [.. table]);
    }

    private static TensorProduct Product(TensorType a, TensorType b, PatternFormat format, double scale, string node)
    {
        int limit = (int)((1L << format.MagnitudeBits) - 1);
        double factor = a.Scale * b.Scale / scale;
        int n = Shift(factor, node);
        return new TensorProduct([Rounded(factor, n)], n, format.Signed ? -limit : 0, limit, format);
    }

    private static IEnumerable<(int Code, int Value)> Codes(PatternFormat format)
    {
        for (int code = 0; code < 256; code++)
        {
            if (SlotCode.TryDecode(code, format, out int value))
                yield return (code, value);
        }
    }

    /// <summary>A local response of a plain tensor, its table of factors computed in double.</summary>
    /// <exception cref="EbspException">EBSP2015: a factor leaves int32.</exception>
    internal static ResponseNorm Response(LocalResponseNorm norm, TensorType input, PatternFormat format, double scale, string node)
    {
        int limit = (int)((1L << format.MagnitudeBits) - 1);
        double[] factors = [.. Enumerable.Range(0, LocalResponse.Entries(LocalResponse.LargestSum(norm.Size, input.Format!.Value)))
            .Select(entry => input.Scale / scale * LocalResponseKernel.Factor(norm,
                LocalResponse.SumAt(entry) * input.Scale * input.Scale))];
        int n = Shift(factors.Max(), node);
        return new ResponseNorm(norm.Size, [.. factors.Select(factor => Rounded(factor, n))], n, format.Signed ? -limit : 0, limit, format);
    }

    private static int Rounded(double factor, int n) => (int)Math.Round(Math.ScaleB(factor, n));

    // The largest shift at which the factor stays inside int32.
    private static int Shift(double factor, string node)
    {
        for (int n = Requantization.MaxShift; n >= 1; n--)
        {
            if (Math.ScaleB(factor, n) <= int.MaxValue - 1)
                return n;
        }

        throw DiagnosticDescriptors.RequantizeOverflow.Error(null, node, 0);
    }
}
