using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Data;

/// <summary>Images of one size with their labels. Either raw pixels (<see cref="Pixels"/>) or already preprocessed values (<see cref="Values"/>).</summary>
/// <param name="Name">File name without its folder.</param>
/// <param name="Channels">C: 3 in the order R, G, B, or 1.</param>
/// <param name="Height">H in rows.</param>
/// <param name="Width">W in columns.</param>
/// <param name="Count">N, at least 1.</param>
/// <param name="Pixels">N x C x H x W raw pixels as the file holds them (0..255; digits 0..16); empty where <see cref="Values"/> is set.</param>
/// <param name="Labels">Class of each image with the label offset added, or null.</param>
public sealed record ImageSet(string Name, int Channels, int Height, int Width, int Count, byte[] Pixels, int[]? Labels)
{
    /// <summary>N x C x H x W preprocessed values of a float32 array, or null for raw pixels.</summary>
    public float[]? Values { get; init; }

    /// <summary>Feature map of one image.</summary>
    public Shape Shape => new(Channels, Height, Width);

    /// <summary>Raw pixels of image <paramref name="n"/>, C x H x W.</summary>
    public ReadOnlySpan<byte> PixelsOf(int n) => Pixels.AsSpan(n * (int)Shape.Elements, (int)Shape.Elements);

    /// <summary>Preprocessed values of image <paramref name="n"/>, C x H x W.</summary>
    /// <exception cref="InvalidOperationException">The set holds raw pixels.</exception>
    public ReadOnlySpan<float> ValuesOf(int n) =>
        (Values ?? throw new InvalidOperationException("The set holds raw pixels.")).AsSpan(n * (int)Shape.Elements, (int)Shape.Elements);
}
