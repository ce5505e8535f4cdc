using Ebsp.Compiler.Ir;

namespace Ebsp.Compiler.Data;

/// <summary>
/// Images of one size with their labels: raw pixels, held in <see cref="Pixels"/> or made one by one by <see cref="Load"/>, or already
/// preprocessed values (<see cref="Values"/>).
/// </summary>
/// <param name="Name">File name without its folder.</param>
/// <param name="Channels">C: 3 in the order R, G, B, or 1.</param>
/// <param name="Height">H in rows.</param>
/// <param name="Width">W in columns.</param>
/// <param name="Count">N, at least 1.</param>
/// <param name="Pixels">N x C x H x W raw pixels as the file holds them (0..255; digits 0..16); empty where <see cref="Values"/> or
/// <see cref="Load"/> is set.</param>
/// <param name="Labels">Class of each image with the label offset added, or null.</param>
public sealed record ImageSet(string Name, int Channels, int Height, int Width, int Count, byte[] Pixels, int[]? Labels)
{
    /// <summary>N x C x H x W preprocessed values of a float32 array, or null for raw pixels.</summary>
    public float[]? Values { get; init; }

    /// <summary>Makes the raw pixels of an image, C x H x W, from any thread, and throws <see cref="Diagnostics.EbspException"/> where it
    /// is malformed; or null.</summary>
    public Func<int, byte[]>? Load { get; init; }

    /// <summary>Names of the images where each has its own file, or null.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Files of the images where a folder was named, or null.</summary>
    public IReadOnlyList<string>? Files { get; init; }

    /// <summary>Feature map of one image.</summary>
    public Shape Shape => new(Channels, Height, Width);

    /// <summary>A run of images.</summary>
    /// <param name="first">The first.</param>
    /// <param name="count">How many.</param>
    public ImageSet Part(int first, int count)
    {
        int size = (int)Shape.Elements;
        return this with
        {
            Count = count,
            Pixels = Pixels.Length == 0 ? [] : Pixels.AsSpan(first * size, count * size).ToArray(),
            Values = Values?.AsSpan(first * size, count * size).ToArray(),
            Load = Load is { } load ? n => load(first + n) : null,
            Names = Names is null ? null : [.. Names.Skip(first).Take(count)],
            Files = Files is null ? null : [.. Files.Skip(first).Take(count)],
            Labels = Labels?.AsSpan(first, count).ToArray(),
        };
    }

    /// <summary>Raw pixels of image <paramref name="n"/>, C x H x W; decoded anew with each call where the set is read one by
    /// one.</summary>
    /// <exception cref="Diagnostics.EbspException">The image is malformed, or of another size.</exception>
    public ReadOnlySpan<byte> PixelsOf(int n) => Load is { } load ? load(n) : Pixels.AsSpan(n * (int)Shape.Elements, (int)Shape.Elements);

    /// <summary>Preprocessed values of image <paramref name="n"/>, C x H x W.</summary>
    /// <exception cref="InvalidOperationException">The set holds raw pixels.</exception>
    public ReadOnlySpan<float> ValuesOf(int n) =>
        (Values ?? throw new InvalidOperationException("The set holds raw pixels.")).AsSpan(n * (int)Shape.Elements, (int)Shape.Elements);
}
