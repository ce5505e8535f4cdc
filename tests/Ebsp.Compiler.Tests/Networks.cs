using Ebsp.Compiler.Data;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests;

/// <summary>The pretrained networks of the data folder with their images and scalings.</summary>
internal static class Networks
{
    private static readonly double[] _imageNetMean = [.485, .456, .406], _imageNetStd = [.229, .224, .225];

    public static readonly Preprocessing CifarResNet = new(1 / 255.0, [.. _imageNetMean], [.. _imageNetStd]);
    public static readonly Preprocessing MnistBurn = new(1 / 255.0, [.1307], [.3081]);
    public static readonly Preprocessing Signed128 = new(1 / 128.0, [1], [1]);

    public static readonly Preprocessing Signed127 = new(1 / 127.5, [1], [1]);
    public static readonly Preprocessing SqueezeNet = new(1, [123, 117, 104], [1]);

    public static Preprocessing PreprocessingOf(string network) => network switch
    {
        "resnet20-cifar10" or "resnet32-cifar10" or "resnet56-cifar10" => CifarResNet,
        "mnist-burn" => MnistBurn,
        "nascifarnet-cifar10" or "mobilenetv1-0.25-128" or "mobilenetv1-0.25-128.qdq" or "mobilenetv1-0.5-160" or "mobilenetv1-0.5-160.qdq" => Signed128,
        "mobilenetv2-1.0-224-ptq" or "mobilenetv2-1.0-224-ptq.qdq" => Signed127,
        "squeezenet1.0-dc" => SqueezeNet,
        _ => Preprocessing.None,
    };

    public static Graph Import(string network) =>
        OnnxImporter.Import(TestData.File($"models/{network}.onnx"), new ImportOptions(PreprocessingOf(network)));

    /// <summary>The first images of the network's test set.</summary>
    public static ImageSet Images(string network, int count) => network switch
    {
        _ when network.StartsWith("mobilenetv1-0.5", StringComparison.Ordinal) => Centre(Photographs(count), 160),
        _ when network.StartsWith("mobilenetv2", StringComparison.Ordinal) => Centre(Photographs(count), 224),
        _ when network.StartsWith("squeezenet", StringComparison.Ordinal) => Photographs(count),
        _ when network.StartsWith("mnist", StringComparison.Ordinal) => First("mnist/t10k-images-idx3-ubyte.gz", count),
        _ when network.StartsWith("mobilenetv1-0.25", StringComparison.Ordinal) => First("imagenet/val200-rgb128.med.br", count),
        _ => First("cifar10/test_8000.med.br", count),
    };

    private static ImageSet First(string file, int count) => DataReader.Read(TestData.File(file), new DataOptions { Count = count });

    private static ImageSet Photographs(int count) => First("imagenet/val100-rgb227.med.br", count);

    /// <summary>The middle of every image, as the golden outputs of the larger ImageNet networks take it.</summary>
    private static ImageSet Centre(ImageSet images, int size)
    {
        int first = (images.Height - size) / 2;
        byte[] pixels = new byte[images.Count * images.Channels * size * size];
        for (int row = 0; row < pixels.Length / size; row++)
            images.Pixels.AsSpan((row / size * images.Height + first + row % size) * images.Width + first, size).CopyTo(pixels.AsSpan(row * size));
        return images with { Height = size, Width = size, Pixels = pixels };
    }

    /// <summary>Preprocessed values, N x C x H x W.</summary>
    public static float[] Preprocess(ImageSet images, Preprocessing preprocessing)
    {
        int plane = images.Height * images.Width;
        float[] values = new float[images.Pixels.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)preprocessing.Apply(images.Pixels[i], i / plane % images.Channels);
        return values;
    }
}
