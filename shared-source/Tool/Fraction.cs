using System.Globalization;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Tool;

/// <summary>Numbers of options that may be written as fractions.</summary>
internal static class Fraction
{
    /// <summary>A number, or a fraction such as 1/255.</summary>
    /// <param name="option">Name of the option.</param>
    /// <param name="text">What stands behind it.</param>
    /// <exception cref="EbspException">EBSP7101: it is neither.</exception>
    public static double Parse(string option, string text)
    {
        string[] parts = text.Split('/');
        double[] numbers = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (parts.Length > 2 || !double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i])
                || !double.IsFinite(numbers[i]))
                throw DiagnosticDescriptors.Usage.Error(null, null, $"{option} '{text}' is neither a number nor a fraction such as 1/255");
        }

        return numbers.Length == 1 ? numbers[0] : numbers[0] / numbers[1];
    }
}
