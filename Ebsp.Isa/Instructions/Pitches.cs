namespace Ebsp.Isa.Instructions;

/// <summary>An address and its strides in bytes.</summary>
/// <param name="Address">First byte.</param>
/// <param name="Pixel">Bytes between columns.</param>
/// <param name="Row">Bytes between rows.</param>
/// <param name="Image">Bytes between images.</param>
public readonly record struct Pitches(long Address, long Pixel, long Row, long Image)
{
    /// <summary>First byte of pixel (n, y, x).</summary>
    public long At(int n, int y, int x) => Address + n * Image + y * Row + x * Pixel;
}
