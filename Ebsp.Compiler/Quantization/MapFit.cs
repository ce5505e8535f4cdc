using System.Collections.Immutable;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Reference.FloatOps;
using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization;

/// <summary>Fits a product, local response or function of stored plain tensors: its scale, and the table or multiplier.</summary>
internal sealed class MapFit
{
    private readonly Node _node;
    private readonly CalibrationMaps _maps;
    private readonly TensorType[] _types;
    private readonly MagnitudeHistogram _histogram;

    /// <summary>Runs the float operation on the real tensors, and on what the integers stand for.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="node">Multiply, LocalResponseNorm or PointFunction.</param>
    /// <param name="inputs">The plain tensors that it reads.</param>
    /// <param name="maps">Calibration tensors.</param>
    /// <param name="typeOf">Types of the integer tensors.</param>
    /// <exception cref="EbspException">EBSP2021: there are no images.</exception>
    public MapFit(Graph graph, Node node, string[] inputs, CalibrationMaps maps, Func<string, TensorType> typeOf)
    {
        // The range of an already quantized network says nothing of the table that a function needs.
        if (maps.Count == 0)
            throw DiagnosticDescriptors.NotQuantized.Error(null, node.Name, "a set of calibration images, which this operation needs,");
        (_node, _maps) = (node, maps);
        _types = [.. inputs.Select(typeOf)];
        Shape[] shapes = [.. node.Inputs.Select(input => graph.TypeOf(input).Shape)];
        IFloatKernel kernel = FloatKernels.For(node.Op, shapes[0], graph.TypeOf(node.Output).Shape, shapes.AsSpan(1));
        Real = maps.ForEach(n => Run([.. node.Inputs.Select(input => maps.Real(input)[n])]));
        float[][] stored = maps.ForEach(n =>
            Run([.. inputs.Select((input, i) => Array.ConvertAll(maps.Integer(input, n), q => (float)(q * _types[i].Scale)))]));
        _histogram = new MagnitudeHistogram(stored.Max(map => map.Max(Math.Abs)));
        maps.ForEach(n =>
        {
            _histogram.Add(stored[n]);
            return 0;
        });
        IsUnsigned = node.Op is PointFunction function
            ? Codes(_types[0].Format!.Value).All(code => function.Of(code.Value * _types[0].Scale) >= 0)
            : _types.All(type => !type.Format!.Value.Signed);

        float[] Run(float[][] from)
        {
            float[] result = new float[graph.TypeOf(node.Output).Shape.Elements];
            kernel.Run(from, result, new float[kernel.ScratchElements]);
            return result;
        }
    }

    /// <summary>The float output of each image.</summary>
    public float[][] Real { get; }

    /// <summary>Whether no output is below zero, whatever the image.</summary>
    public bool IsUnsigned { get; }

    /// <summary>The scale of a form.</summary>
    public double Scale(PatternFormat format, ClipRule clip) => ScaleSearch.By(clip, _histogram, NearestTable.Of(format));

    /// <summary>What a form makes of the output.</summary>
    public OperandReport Report(PatternFormat format, double scale) => _histogram.Report(format, 1, scale);

    /// <summary>The integer operation that stores a form.</summary>
    /// <exception cref="EbspException">EBSP2015: a factor leaves int32.</exception>
    public Op Op(PatternFormat format, double scale)
    {
        int limit = (int)((1L << format.MagnitudeBits) - 1), lo = format.Signed ? -limit : 0;
        switch (_node.Op)
        {
            case PointFunction function:
                return new LookUp(format, Table(function, format, scale, lo, limit));
            case Multiply:
                double factor = _types[0].Scale * _types[1].Scale / scale;
                int n = Shift(factor, _node.Name);
                return new TensorProduct([Rounded(factor, n)], n, lo, limit, format);
            default:
                return Response((LocalResponseNorm)_node.Op, _types[0], format, scale, _node.Name);
        }
    }

    /// <summary>Power of the float output over that of its error, in dB.</summary>
    public double SignalToNoise(string tensor, double scale) => LayerFit.SignalToNoise(_maps, tensor, scale, n => Real[n]);

    private ImmutableArray<byte> Table(PointFunction function, PatternFormat format, double scale, int lo, int hi)
    {
        // Codes that no value has are never looked up.
        byte[] table = new byte[256];
        foreach ((int code, int value) in Codes(_types[0].Format!.Value))
        {
            int q = (int)Math.Clamp(Math.Floor(function.Of(value * _types[0].Scale) / scale + 0.5), lo, hi);
            table[code] = (byte)SlotCode.Encode(Projection.Project(q, format), format);
        }

        return [.. table];
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
    public static ResponseNorm Response(LocalResponseNorm norm, TensorType input, PatternFormat format, double scale, string node)
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
