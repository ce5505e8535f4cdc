using Ebsp.Compiler.Data;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;

namespace Ebsp.TestKit.Networks;

/// <summary>The pretrained networks of the data folder with their images and scalings.</summary>
public static class Networks
{
    private static readonly double[] ImageNetMean = [.485, .456, .406], ImageNetStd = [.229, .224, .225];

    public static readonly Preprocessing CifarResNet = new(1 / 255.0, [.. ImageNetMean], [.. ImageNetStd]);
    public static readonly Preprocessing MnistBurn = new(1 / 255.0, [.1307], [.3081]);
    public static readonly Preprocessing Signed128 = new(1 / 128.0, [1], [1]);

    public static readonly Preprocessing Signed127 = new(1 / 127.5, [1], [1]);
    public static readonly Preprocessing SqueezeNet = new(1, [123, 117, 104], [1]);

    /// <summary>All of them: eleven with float weights, four already quantized.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "mnist-8", "mnist-burn", "resnet8-cifar10", "resnet20-cifar10", "resnet32-cifar10", "resnet56-cifar10", "nascifarnet-cifar10",
        "mobilenetv1-0.25-128", "mobilenetv1-0.5-160", "mobilenetv2-1.0-224-ptq", "squeezenet1.0-dc",
        "resnet8-cifar10-int8.qdq", "mobilenetv1-0.25-128.qdq", "mobilenetv1-0.5-160.qdq", "mobilenetv2-1.0-224-ptq.qdq",
    ];

    /// <summary>Whether the network reads photographs, and so takes long.</summary>
    public static bool IsLarge(string network) => network.StartsWith("mobilenet", StringComparison.Ordinal)
        || network.StartsWith("squeezenet", StringComparison.Ordinal);

    /// <summary>Whether the file's own integers and ranges stand for calibration.</summary>
    public static bool IsQuantized(string network) => network.EndsWith(".qdq", StringComparison.Ordinal);

    public static Preprocessing PreprocessingOf(string network) => network switch
    {
        "resnet20-cifar10" or "resnet32-cifar10" or "resnet56-cifar10" => CifarResNet,
        "mnist-burn" => MnistBurn,
        "nascifarnet-cifar10" or "mobilenetv1-0.25-128" or "mobilenetv1-0.25-128.qdq"
            or "mobilenetv1-0.5-160" or "mobilenetv1-0.5-160.qdq" => Signed128,
        "mobilenetv2-1.0-224-ptq" or "mobilenetv2-1.0-224-ptq.qdq" => Signed127,
        "squeezenet1.0-dc" => SqueezeNet,
        _ => Preprocessing.None,
    };

    public static Graph Import(string network) =>
        OnnxImporter.Import(TestData.File($"models/{network}.onnx"), new ImportOptions(PreprocessingOf(network)));

    /// <summary>The first images of the network's test set; of the larger ImageNet networks the center, as their golden outputs have
    /// it.</summary>
    public static ImageSet Images(string network, int count) =>
        network.StartsWith("mobilenetv1-0.25", StringComparison.Ordinal) ? Photographs("val200-rgb128.med.br", count)
        : network.StartsWith("mobilenetv1-0.5", StringComparison.Ordinal)
            ? Photographs("val100-rgb227.med.br", count, crop: new ImageSize(160, 160))
        : network.StartsWith("mobilenetv2", StringComparison.Ordinal)
            ? Photographs("val100-rgb227.med.br", count, crop: new ImageSize(224, 224))
        : network.StartsWith("squeezenet", StringComparison.Ordinal) ? Photographs("val100-rgb227.med.br", count)
        : DataReader.Read(TestData.File(network.StartsWith("mnist", StringComparison.Ordinal)
            ? "mnist/t10k-images-idx3-ubyte.gz"
            : "cifar10/test_8000.med.br"),
            new DataOptions { Count = count });

    /// <summary>Images of ImageNet; the classes as networks with a background class at 0 count them.</summary>
    public static ImageSet Photographs(string file, int count, ImageSize? resize = null, ImageSize? crop = null) => DataReader.Read(
        TestData.File($"imagenet/{file}"),
        new DataOptions { Count = count, Resize = resize, Crop = crop, LabelsPath = TestData.File("imagenet/val500-labels.csv"),
            LabelOffset = 1 });

    /// <summary>Preprocessed values, N x C x H x W.</summary>
    public static float[] Preprocess(ImageSet images, Preprocessing preprocessing)
    {
        int plane = images.Height * images.Width, size = (int)images.Shape.Elements;
        float[] values = new float[images.Count * size];
        for (int n = 0; n < images.Count; n++)
        {
            ReadOnlySpan<byte> pixels = images.PixelsOf(n);
            for (int i = 0; i < size; i++)
                values[n * size + i] = (float)preprocessing.Apply(pixels[i], i / plane);
        }

        return values;
    }
}
