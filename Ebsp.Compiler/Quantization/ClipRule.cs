using System.Globalization;

namespace Ebsp.Compiler.Quantization;

/// <summary>How the largest magnitude that a stored tensor keeps is chosen.</summary>
public enum ClipKind
{
    /// <summary>The least squared error of what is stored.</summary>
    Search = 0,

    /// <summary>The largest magnitude of the calibration images: nothing is clipped.</summary>
    Max = 1,

    /// <summary>The magnitude that a share of the values does not exceed.</summary>
    Percentile = 2,
}

/// <summary>Choice of the clip of activations.</summary>
/// <param name="Kind">How.</param>
/// <param name="Percent">Percentile, over 50 and at most 100; ignored otherwise.</param>
public readonly record struct ClipRule(ClipKind Kind, double Percent = 100)
{
    /// <summary>Reads <c>search</c>, <c>max</c> or <c>percentile:99.99</c>.</summary>
    public static bool TryParse(string text, out ClipRule rule)
    {
        const string Prefix = "percentile:";
        ArgumentNullException.ThrowIfNull(text);
        rule = text == "max" ? new ClipRule(ClipKind.Max) : default;
        if (text is "search" or "max")
            return true;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)
            || !double.TryParse(text.AsSpan(Prefix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out double percent))
            return false;
        rule = new ClipRule(ClipKind.Percentile, percent);
        return rule.IsValid;
    }

    /// <summary>Whether the percentile is in range.</summary>
    public bool IsValid => Kind is ClipKind.Search or ClipKind.Max || (Kind == ClipKind.Percentile && Percent is > 50 and <= 100);

    /// <summary>The form that <see cref="TryParse"/> reads.</summary>
    public override string ToString() => Kind == ClipKind.Percentile
        ? string.Create(CultureInfo.InvariantCulture, $"percentile:{Percent}") : Kind == ClipKind.Max ? "max" : "search";
}
