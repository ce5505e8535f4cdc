using Ebsp.Isa.Numerics;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>Counts of magnitudes in equal bins. Counts are integers, so the order in which threads add does not matter.</summary>
internal sealed class MagnitudeHistogram
{
    private const int Bins = 8192;

    private readonly long[] _counts = new long[Bins];
    private readonly double _width;
    private long _zeros;

    /// <summary>No values yet.</summary>
    /// <param name="largest">Largest magnitude that will come.</param>
    public MagnitudeHistogram(double largest)
    {
        Largest = largest;
        _width = largest / Bins;
    }

    public double Largest { get; }

    /// <summary>Adds values; zeros have no error and are counted apart.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        long[] counts = new long[Bins];
        long zeros = 0;
        foreach (float value in values)
        {
            if (value == 0 || _width == 0)
                zeros++;
            else
                counts[Math.Min((int)(Math.Abs(value) / _width), Bins - 1)]++;
        }

        lock (_counts)
        {
            _zeros += zeros;
            for (int i = 0; i < Bins; i++)
                _counts[i] += counts[i];
        }
    }

    /// <summary>Sum of squared differences between the values and scale * nearest magnitude.</summary>
    public double Error(double scale, NearestTable nearest)
    {
        double error = 0;
        for (int i = 0; i < Bins; i++)
        {
            if (_counts[i] == 0)
                continue;
            double value = (i + 0.5) * _width;
            double difference = value - scale * nearest.Magnitude(value / scale);
            error += _counts[i] * difference * difference;
        }

        return error;
    }

    /// <summary>The magnitude that a share of all values does not exceed.</summary>
    /// <param name="percent">Over 0, at most 100.</param>
    public double Percentile(double percent)
    {
        double left = (_zeros + _counts.Sum()) * (1 - percent / 100);
        for (int i = Bins - 1; i >= 0; i--)
        {
            left -= _counts[i];
            if (left < 0)
                return percent >= 100 ? Largest : (i + 1) * _width;
        }

        return Largest;
    }

    /// <summary>What a format makes of the values.</summary>
    /// <param name="format">Their format.</param>
    /// <param name="terms">1 or 2.</param>
    /// <param name="scale">Real value of one unit.</param>
    public OperandReport Report(PatternFormat format, int terms, double scale)
    {
        int limit = (int)((1L << format.MagnitudeBits) - 1);
        long[] windows = new long[format.IsPattern ? format.MagnitudeBits - format.PatternLength + 1 : 0];
        long clipped = 0, changed = 0, zeros = _zeros;
        double signal = 0;
        for (int i = 0; i < Bins; i++)
        {
            if (_counts[i] == 0)
                continue;
            double value = (i + 0.5) * _width;
            signal += _counts[i] * value * value;
            clipped += value / scale >= limit + 0.5 ? _counts[i] : 0;
            int rounded = (int)Math.Min(value / scale + 0.5, limit);
            int stored = format.IsPattern
                ? (terms == 2 ? Projection.FirstTerm(rounded, format) : Projection.ProjectMagnitude(rounded, format))
                : rounded;
            int sum = terms == 2 ? stored + Projection.SecondTerm(rounded, format) : stored;
            changed += sum != rounded ? _counts[i] : 0;
            if (stored == 0)
                zeros += _counts[i];
            else if (windows.Length > 0)
                windows[Math.Max(0, int.Log2(stored) - format.PatternLength + 1)] += _counts[i];
        }

        double total = Math.Max(1, _zeros + _counts.Sum());
        PatternFormat uniform = format.Bits <= 8 ? PatternFormat.Uniform(format.Bits, format.Signed) : format;
        return new OperandReport(format, terms, scale, scale * limit, clipped / total, changed / total, zeros / total,
            [.. windows.Select(count => count / total)],
            Decibels.Of(signal, Error(scale, NearestTable.Of(format, terms))),
                Decibels.Of(signal, Error(ScaleSearch.Best(this, NearestTable.Of(uniform)), NearestTable.Of(uniform))));
    }
}
