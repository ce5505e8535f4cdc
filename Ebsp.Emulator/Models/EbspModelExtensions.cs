using System.Globalization;

namespace Ebsp.Emulator.Models;

/// <summary>What can be said of every <see cref="IEbspModel"/> through its members alone.</summary>
public static class EbspModelExtensions
{
    /// <summary>The class with the largest score; of equal ones the first.</summary>
    /// <param name="model">A classifier: its output has one element a class.</param>
    /// <param name="pixels">One image, [C][H][W], one byte each, 0..255; R, G, B.</param>
    /// <exception cref="ArgumentException">The number of pixels is not that of one image.</exception>
    /// <exception cref="InvalidOperationException">The model's output is no list of classes.</exception>
    public static Classification Classify(this IEbspModel model, ReadOnlySpan<byte> pixels)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Output is not { Height: 1, Width: 1 })
            throw new InvalidOperationException(
                $"output '{model.Output.Name}' is a map of {model.Output.Height} x {model.Output.Width} pixels, not one score a class");
        float[] scores = model.Run(pixels);
        if (scores.Length != model.Output.Channels)
            throw new ArgumentException($"one image is expected, not {scores.Length / model.Output.Channels}", nameof(pixels));
        int best = 0;
        for (int c = 1; c < scores.Length; c++)
        {
            if (scores[c] > scores[best])
                best = c;
        }

        string label = model.Labels.IsDefaultOrEmpty ? best.ToString(CultureInfo.InvariantCulture) : model.Labels[best];
        return new Classification(best, label, scores[best]);
    }
}
