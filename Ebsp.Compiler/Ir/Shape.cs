using System.Globalization;

namespace Ebsp.Compiler.Ir;

/// <summary>The feature map of one image: C channels of H rows and W columns. The batch N is not part of a graph; a vector has H = W =
/// 1.</summary>
/// <param name="Channels">C, at least 1.</param>
/// <param name="Height">H in rows, at least 1.</param>
/// <param name="Width">W in columns, at least 1.</param>
public readonly record struct Shape(int Channels, int Height, int Width)
{
    /// <summary>Elements of one image.</summary>
    public long Elements => (long)Channels * Height * Width;

    /// <summary><c>16x32x32</c>: C x H x W.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Channels}x{Height}x{Width}");
}
