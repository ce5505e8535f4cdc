using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Programs;
using Ebsp.Training.Native;
using static TorchSharp.torch;

namespace Ebsp.Training.Data;

/// <summary>How training pictures are varied.</summary>
/// <param name="Crop">Pixels of frame (zeros) from which a picture of the same size is cut at random; 0 for none.</param>
/// <param name="Flip">Whether half of them are mirrored.</param>
public readonly record struct Augmentation(int Crop, bool Flip);

/// <summary>Images as batches of tensors: real values for a float network, and as the machine reads them for a quantized one.</summary>
internal sealed class Batches
{
    private readonly Graph _graph;
    private readonly ImageSet _images;
    private readonly InputEncoding? _encoding;
    private readonly byte[]? _pixels;
    private readonly float[]? _realTable;
    private readonly float[]? _storedTable;

    /// <summary>Prepares images.</summary>
    /// <param name="graph">Graph whose preprocessing applies to raw pixels.</param>
    /// <param name="images">Images of its input size.</param>
    /// <param name="encoding">How the machine reads them; null for float networks.</param>
    /// <param name="classes">Number of classes; 0 if labels are not needed.</param>
    /// <exception cref="EbspException">EBSP5002: they do not fit.</exception>
    public Batches(Graph graph, ImageSet images, InputEncoding? encoding, int classes)
    {
        (_graph, _images, _encoding) = (graph, images, encoding);
        if (images.Shape != graph.InputShape)
            throw Misfit($"images of {images.Shape} for an input of {graph.InputShape}");
        if (classes > 0)
        {
            int[] labels = images.Labels ?? throw Misfit("there are no labels");
            int wrong = Array.FindIndex(labels, label => label < 0 || label >= classes);
            if (wrong >= 0)
                throw Misfit($"image {wrong} has the label {labels[wrong]} and the network has {classes} classes");
        }

        if (images.Values is not null)
            return;
        _pixels = images.Pixels.Length > 0 ? images.Pixels : Loaded(images);
        _realTable = Table(x => x);
        _storedTable = encoding is null ? null : Table(Stored);

        EbspException Misfit(string cause) => DiagnosticDescriptors.TrainingDataMisfit.Error(images.Name, null, cause);
    }

    /// <summary>Images.</summary>
    public int Count => _images.Count;

    /// <summary>The class of an image.</summary>
    public int LabelOf(int image) => _images.Labels![image];

    /// <summary>Labels of a batch.</summary>
    public Tensor Labels(ReadOnlySpan<int> images)
    {
        long[] labels = new long[images.Length];
        for (int i = 0; i < labels.Length; i++)
            labels[i] = _images.Labels![images[i]];
        return tensor(labels);
    }

    /// <summary>A batch.</summary>
    /// <param name="images">Which.</param>
    /// <param name="augmentation">How they are varied.</param>
    /// <param name="numbers">A generator for each of them, where they are varied.</param>
    /// <param name="isReal">Whether real values are wanted besides.</param>
    /// <returns>N x C x H x W as the network reads them, and real values, which are the same tensor for a float network.</returns>
    public (Tensor Stored, Tensor? Real) Batch(ReadOnlySpan<int> images, Augmentation augmentation, Func<int, Numbers>? numbers,
        bool isReal)
    {
        // Memory in the order N, H, W, C: convolutions on processors want it, and what follows takes its order from here.
        Shape shape = _graph.InputShape;
        long[] size = [images.Length, shape.Height, shape.Width, shape.Channels];
        Tensor stored = empty(size, dtype: ScalarType.Float32);
        Tensor? real = isReal && _encoding is not null ? empty(size, dtype: ScalarType.Float32) : null;
        int elements = (int)shape.Elements;
        for (int i = 0; i < images.Length; i++)
        {
            (int dy, int dx, bool flip) = (0, 0, false);
            if (numbers is not null)
            {
                Numbers draw = numbers(i);
                dy = draw.Below(2 * augmentation.Crop + 1) - augmentation.Crop;
                dx = draw.Below(2 * augmentation.Crop + 1) - augmentation.Crop;
                flip = augmentation.Flip && draw.Below(2) == 1;
            }

            Write(images[i], dy, dx, flip, stored.Floats().Slice(i * elements, elements),
                real is null ? default : real.Floats().Slice(i * elements, elements));
        }

        stored = stored.permute(0, 3, 1, 2);
        return (stored, isReal ? real?.permute(0, 3, 1, 2) ?? stored : null);
    }

    private void Write(int image, int dy, int dx, bool flip, Span<float> stored, Span<float> real)
    {
        Shape shape = _graph.InputShape;
        int plane = shape.Height * shape.Width;
        for (int c = 0; c < shape.Channels; c++)
        {
            int source = _pixels is not null && _graph.Preprocessing.ReverseChannels ? shape.Channels - 1 - c : c;
            for (int y = 0; y < shape.Height; y++)
            {
                int fromY = y + dy, to = y * shape.Width * shape.Channels + c;
                bool isRow = fromY >= 0 && fromY < shape.Height;
                for (int x = 0; x < shape.Width; x++, to += shape.Channels)
                {
                    int fromX = (flip ? shape.Width - 1 - x : x) + dx;
                    bool isInside = isRow && fromX >= 0 && fromX < shape.Width;
                    int from = source * plane + fromY * shape.Width + fromX;
                    if (_pixels is not null)
                    {
                        // The frame is black, which is pixel 0 and not value 0.
                        int code = c * 256 + (isInside ? _pixels[(long)image * shape.Elements + from] : 0);
                        stored[to] = (_storedTable ?? _realTable!)[code];
                        if (real.Length > 0)
                            real[to] = _realTable![code];
                    }
                    else
                    {
                        float value = isInside ? _images.ValuesOf(image)[from] : 0;
                        stored[to] = _encoding is null ? value : Stored(value);
                        if (real.Length > 0)
                            real[to] = value;
                    }
                }
            }
        }
    }

    private float Stored(float value)
    {
        int whole = InputEncoder.Quantize(value, _encoding!.Scale, _encoding.Format), sum = 0;
        for (int term = 0; term < _encoding.Terms; term++)
            sum += InputEncoder.TermOf(whole, term, _encoding.Terms, _encoding.Format);
        return (float)(sum * _encoding.Scale);
    }

    private float[] Table(Func<float, float> value)
    {
        float[] table = new float[_graph.InputShape.Channels * 256];
        for (int i = 0; i < table.Length; i++)
            table[i] = value((float)_graph.Preprocessing.Apply((byte)i, i / 256));
        return table;
    }

    private static byte[] Loaded(ImageSet images)
    {
        int size = (int)images.Shape.Elements;
        byte[] pixels = new byte[(long)images.Count * size];
        for (int n = 0; n < images.Count; n++)
            images.PixelsOf(n).CopyTo(pixels.AsSpan(n * size, size));
        return pixels;
    }
}
