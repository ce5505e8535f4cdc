namespace Ebsp.Samples.WebClassifier;

/// <summary>What the page must know of the model before it sends an image.</summary>
/// <param name="Machine">Rows and columns of the array.</param>
/// <param name="Input">Shape of an image.</param>
/// <param name="Probabilities">Whether the scores are probabilities already.</param>
internal sealed record ModelDescription(string Machine, ImageShape Input, bool Probabilities)
{
    private const int Softmax = 1;

    /// <summary>Describes a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="pixelMaximum">The value of the strongest pixel in the data that the network was trained on: 16 for the digits, 255 for
    /// most.</param>
    public static ModelDescription Of(IEbspModel model, int pixelMaximum) => new(
        $"{model.Arch.Rows} x {model.Arch.Columns}",
        new ImageShape(model.Input.Channels, model.Input.Height, model.Input.Width, pixelMaximum),
        model.Output.Transform == Softmax);
}

/// <summary>An image: [channel][row][column], one byte each, 0..PixelMaximum.</summary>
internal sealed record ImageShape(int Channels, int Height, int Width, int PixelMaximum)
{
    /// <summary>Bytes of an image.</summary>
    public int Bytes => Channels * Height * Width;
}
