using Ebsp.Compiler.Data;
using Ebsp.Compiler.Ir;
using Ebsp.Isa.Programs;

namespace Ebsp.Compiler.Reference;

/// <summary>From images to what a graph reads, in the order C, H, W for float graphs and H, W, C for integer graphs.</summary>
public static class InputImages
{
    /// <summary>Preprocessed values of one image.</summary>
    /// <param name="graph">Graph whose preprocessing applies to raw pixels.</param>
    /// <param name="images">Images of the graph's input shape.</param>
    /// <param name="n">Index of the image.</param>
    /// <returns>C, H, W.</returns>
    public static float[] Values(Graph graph, ImageSet images, int n)
    {
        if (images.Values is not null)
            return images.ValuesOf(n).ToArray();
        ReadOnlySpan<byte> pixels = images.PixelsOf(n);
        int plane = images.Height * images.Width;
        float[] values = new float[pixels.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int c = i / plane;
            int source = graph.Preprocessing.ReverseChannels ? images.Channels - 1 - c : c;
            values[i] = (float)graph.Preprocessing.Apply(pixels[source * plane + i % plane], c);
        }

        return values;
    }

    /// <summary>The input tensor of an integer graph as the host writes it.</summary>
    /// <param name="graph">An integer graph.</param>
    /// <param name="values">Preprocessed values, C, H, W.</param>
    /// <returns>H, W, terms * C.</returns>
    /// <exception cref="ArgumentException">A value is not a number, or the graph is a float graph.</exception>
    public static int[] Integers(Graph graph, ReadOnlySpan<float> values)
    {
        InputEncoding encoding = graph.InputEncoding ?? throw new ArgumentException("a float graph has no input integers", nameof(graph));
        int plane = graph.InputShape.Height * graph.InputShape.Width, channels = graph.InputShape.Channels;
        int[] integers = new int[encoding.Terms * values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int value = InputEncoder.Quantize(values[i], encoding.Scale, encoding.Format);
            for (int term = 0; term < encoding.Terms; term++)
                integers[(i % plane * encoding.Terms + term) * channels + i / plane] =
                    InputEncoder.TermOf(value, term, encoding.Terms, encoding.Format);
        }

        return integers;
    }

    /// <summary>Integers of raw pixels, [C][256], preprocessing included: <see cref="Integers"/> by table.</summary>
    /// <param name="graph">An integer graph.</param>
    public static short[] PixelTable(Graph graph)
    {
        InputEncoding encoding = graph.InputEncoding ?? throw new ArgumentException("a float graph has no input integers", nameof(graph));
        short[] table = new short[graph.InputShape.Channels * 256];
        for (int i = 0; i < table.Length; i++)
            table[i] = (short)InputEncoder.Quantize((float)graph.Preprocessing.Apply((byte)i, i / 256), encoding.Scale, encoding.Format);
        return table;
    }
}
