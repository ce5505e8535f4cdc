using System.Globalization;
using Ebsp.Compiler.Diagnostics;

namespace Ebsp.Compiler.Quantization.Calibration;

/// <summary>What makes a calibration doubtful (EBSP2022): too few images, tensors without information, layers that came out
/// badly.</summary>
internal sealed class DoubtfulCalibration
{
    // Assumed: with fewer images a range or a mean is that of single pictures.
    private const int FewestImages = 8;

    // Assumed: below it, noise of a tenth of the signal's power and more, layers behind it lose their answers.
    private const double LeastSignalToNoise = 10;

    private readonly List<Diagnostic> _found = [];

    /// <summary>Looks at the images.</summary>
    /// <param name="input">Name of the network's input.</param>
    /// <param name="images">Preprocessed images, H, W, C.</param>
    public DoubtfulCalibration(string input, float[][] images)
    {
        if (images.Length < FewestImages)
            Add(null, $"there are {images.Length} calibration images, fewer than {FewestImages}");
        LookConstant(input, "the input", images);
    }

    /// <summary>All, in the order of the network.</summary>
    public IReadOnlyList<Diagnostic> Found => _found;

    /// <summary>Looks at a layer.</summary>
    /// <param name="report">What became of it.</param>
    /// <param name="real">Its float output of each image.</param>
    public void Look(LayerReport report, float[][] real)
    {
        if (!LookConstant(report.Node, "its output", real) && report.OutputSignalToNoise < LeastSignalToNoise)
            Add(report.Node, $"its integer output has {report.OutputSignalToNoise:0.0} dB of signal to error on the calibration images");
    }

    private bool LookConstant(string node, string what, float[][] maps)
    {
        float first = maps[0][0];
        bool isConstant = maps.Sum(map => (long)map.Length) > 1 && maps.All(map => !map.AsSpan().ContainsAnyExcept(first));
        if (isConstant)
            Add(node, $"{what} has the value {first:R} at every pixel of every calibration image");
        return isConstant;
    }

    private void Add(string? node, FormattableString cause) => _found.Add(
        DiagnosticDescriptors.DoubtfulCalibration.At(null, node, cause.ToString(CultureInfo.InvariantCulture)) with { IsWarning = true });
}
