namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>Signal-to-noise ratios.</summary>
public static class Decibels
{
    /// <summary>Power of a signal over that of its error, dB; infinite without an error.</summary>
    public static double Of(double signal, double noise) => noise == 0 ? double.PositiveInfinity : 10 * Math.Log10(signal / noise);
}
