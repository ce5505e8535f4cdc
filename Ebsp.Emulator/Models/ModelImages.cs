namespace Ebsp.Emulator.Models;

/// <summary>Images of one call: raw pixels or preprocessed values.</summary>
internal readonly ref struct ModelImages
{
    private readonly ReadOnlySpan<byte> _pixels;
    private readonly ReadOnlySpan<float> _values;
    private readonly int _elements;

    public ModelImages(ReadOnlySpan<byte> pixels, int elements)
    {
        _pixels = pixels;
        _elements = elements;
        Count = pixels.Length / elements;
    }

    public ModelImages(ReadOnlySpan<float> values, int elements)
    {
        _values = values;
        _elements = elements;
        Count = values.Length / elements;
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>Writes an image into a machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="n">Place in the machine's batch.</param>
    /// <param name="image">Which image.</param>
    public void Write(Machine machine, int n, int image)
    {
        if (_pixels.IsEmpty)
            machine.WriteImage(n, _values.Slice(image * _elements, _elements));
        else
            machine.WriteImage(n, _pixels.Slice(image * _elements, _elements));
    }
}
