namespace Ebsp.Compiler.Quantization;

/// <summary>Class scores of the float and of the integer network on the calibration images, as calibration itself computed them.</summary>
/// <param name="Images">N.</param>
/// <param name="Float">N x classes, of the float network.</param>
/// <param name="Integer">N x classes, integer scores times their scale.</param>
public sealed record CalibrationScores(int Images, IReadOnlyList<float> Float, IReadOnlyList<float> Integer);
