namespace Ebsp.Compiler.Quantization;

/// <summary>Counts of magnitudes in equal bins. Counts are integers, so the order in which threads add does not matter.</summary>
internal sealed class MagnitudeHistogram
{
    private const int Bins = 8192;

    private readonly long[] _counts = new long[Bins];
    private readonly double _width;

    /// <summary>No values yet.</summary>
    /// <param name="largest">Largest magnitude that will come.</param>
    public MagnitudeHistogram(double largest)
    {
        Largest = largest;
        _width = largest / Bins;
    }

    public double Largest { get; }

    /// <summary>Adds values; zeros have no error and are left out.</summary>
    public void Add(ReadOnlySpan<float> values)
    {
        if (Largest == 0)
            return;
        long[] counts = new long[Bins];
        foreach (float value in values)
        {
            if (value != 0)
                counts[Math.Min((int)(Math.Abs(value) / _width), Bins - 1)]++;
        }

        lock (_counts)
        {
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
}
