using Ebsp.Compiler.Quantization;

namespace Ebsp.Compiler.Reports;

/// <summary>What quantization has cost on the images that it was calibrated on: an upper bound of the quality on others.</summary>
/// <param name="Agreement">Images on which float network and integers give the same class.</param>
/// <param name="Float">Images that the float network is right on; null without labels.</param>
/// <param name="Integer">Images that the integers are right on; null without labels.</param>
public sealed record CalibrationQuality(Agreement Agreement, Accuracy? Float, Accuracy? Integer)
{
    // Assumed: with one answer in ten lost a user wants to know.
    private const double LeastAgreement = 0.9;

    /// <summary>Whether more than a tenth of the answers is lost, beyond what so few images may show by chance (95 %).</summary>
    public bool IsPoor => new Accuracy(1, Agreement.Same, Agreement.Images).High95 < LeastAgreement;

    /// <summary>The quality of a quantized network.</summary>
    /// <param name="result">The network.</param>
    /// <param name="labels">Class of each calibration image, or null; not used where one is no class of the network.</param>
    /// <returns>Null where the network has no class scores, or was not calibrated.</returns>
    public static CalibrationQuality? Of(QuantizationResult result, int[]? labels)
    {
        if (result.Scores is not { } scores)
            return null;
        float[] real = [.. scores.Float], integer = [.. scores.Integer];
        bool isLabeled = labels is not null && labels.Length == scores.Images
            && labels.All(label => label >= 0 && label < real.Length / scores.Images);
        return new CalibrationQuality(Agreement.Of(real, integer, scores.Images), isLabeled ? Accuracy.Of(real, labels) : null,
            isLabeled ? Accuracy.Of(integer, labels) : null);
    }
}
