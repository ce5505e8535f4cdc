using Ebsp.Compiler.Ir;
using Ebsp.Training.Data;

namespace Ebsp.Training.Networks;

/// <summary>Writes a network layer by layer, its weights at random.</summary>
internal sealed class NetworkWriter(GraphBuilder builder, Numbers numbers)
{
    /// <summary>The usual rectifier.</summary>
    public static readonly Clamp Relu = new(0, float.PositiveInfinity);

    private Numbers _numbers = numbers;

    /// <summary>The tensor that the next layer reads.</summary>
    public string At { get; private set; } = builder.InputName;

    /// <summary>Its channels.</summary>
    public int Channels => builder.TypeOf(At).Shape.Channels;

    /// <summary>A convolution of the same size, or halved, with batch normalization and a rectifier.</summary>
    public void Convolve(string name, int channels, int kernel = 3, int stride = 1, int groups = 1) =>
        Convolve(name, channels, kernel, stride, groups, Relu);

    /// <summary>The same with another clamp, or none.</summary>
    public void Convolve(string name, int channels, Clamp? activation, int kernel = 3, int stride = 1, int groups = 1) =>
        Convolve(name, channels, kernel, stride, groups, activation);

    /// <summary>A fully connected layer.</summary>
    public void Dense(string name, int channels)
    {
        int row = (int)builder.TypeOf(At).Shape.Elements;
        // Without a rectifier behind it, half of He's variance.
        At = builder.Add(name, new FullyConnected(channels, [.. Weights(channels * row, Math.Sqrt(1.0 / row))], [.. new float[channels]]),
            At);
    }

    /// <summary>A max pool without padding.</summary>
    public void MaxPool(string name, int kernel, int stride) =>
        At = builder.Add(name, new MaxPool(Window(kernel, stride, 0), CeilMode: false), At);

    /// <summary>The mean of the whole map.</summary>
    public void AverageAll(string name)
    {
        Shape shape = builder.TypeOf(At).Shape;
        At = builder.Add(name, new AveragePool(new KernelWindow(shape.Height, shape.Width), false, false), At);
    }

    /// <summary>The sum with another tensor, with a rectifier.</summary>
    public void Add(string name, string other, bool isActivated = true)
    {
        At = builder.Add(name, new Add(), At, other);
        if (isActivated)
            At = builder.Add(name + ".relu", Relu, At);
    }

    /// <summary>Every second row and column of a tensor, with channels of zeros on both sides.</summary>
    public string Shortcut(string name, string from, int channels)
    {
        Shape shape = builder.TypeOf(from).Shape;
        int more = channels - shape.Channels;
        string halved = builder.Add(name, new Slice(0, shape.Channels, 0, 2, (shape.Height + 1) / 2, 0, 2, (shape.Width + 1) / 2), from);
        return builder.Add(name + ".pad", new Pad(more / 2, more - more / 2, 0, 0, 0, 0), halved);
    }

    private void Convolve(string name, int channels, int kernel, int stride, int groups, Clamp? activation)
    {
        int row = Channels / groups * kernel * kernel;
        At = builder.Add(name, new Conv(channels, Window(kernel, stride, kernel / 2), groups,
            [.. Weights(channels * row, Math.Sqrt(2.0 / row))], [.. new float[channels]]), At);
        At = builder.Add(name + ".norm", new ChannelAffine([.. Enumerable.Repeat(1f, channels)], [.. new float[channels]]), At);
        if (activation is not null)
            At = builder.Add(name + ".relu", activation, At);
    }

    private float[] Weights(int count, double deviation)
    {
        float[] weights = new float[count];
        for (int i = 0; i < count; i++)
            weights[i] = (float)(deviation * _numbers.Normal());
        return weights;
    }

    private static KernelWindow Window(int kernel, int stride, int pad) => new(kernel, kernel)
    {
        StrideY = stride, StrideX = stride, PadTop = pad, PadLeft = pad, PadBottom = pad, PadRight = pad,
    };
}
