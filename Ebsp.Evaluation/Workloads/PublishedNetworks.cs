namespace Ebsp.Evaluation.Workloads;

/// <summary>Published networks as shapes; local response normalization and activations are left away (no machine is compared on
/// them).</summary>
internal static class PublishedNetworks
{
    /// <summary>Name and maker of each.</summary>
    public static IReadOnlyList<(string Name, Func<Network> Make)> All { get; } =
    [
        ("alexnet", AlexNet),
        ("alexnet-one-tower", AlexNetOneTower),
        ("vgg16", Vgg16),
        ("resnet18", () => ResNet("resnet18", "ResNet-18", [2, 2, 2, 2], isBottleneck: false)),
        ("resnet50", () => ResNet("resnet50", "ResNet-50", [3, 4, 6, 3], isBottleneck: true)),
        ("mobilenetv1", MobileNetV1),
        ("mobilenetv2", MobileNetV2),
        ("resnet20", ResNet20),
        ("squeezenet", SqueezeNet),
    ];

    /// <summary>The eight that are compared if none is named: AlexNet once, as it was published.</summary>
    public static IReadOnlyList<string> Compared { get; } = [.. All.Select(row => row.Name).Where(name => name != "alexnet-one-tower")];

    private static Network AlexNet()
    {
        NetworkBuilder b = new(3, 227, 227);
        int t = b.MaxPool(b.Conv(-1, 96, 11, 4), 3, 2);
        t = b.MaxPool(b.Conv(t, 256, 5, 1, 2, 2), 3, 2);
        t = b.Conv(b.Conv(t, 384, 3, 1, 1), 384, 3, 1, 1, 2);
        t = b.MaxPool(b.Conv(t, 256, 3, 1, 1, 2), 3, 2);
        b.Full(b.Full(b.Full(t, 4096), 4096), 1000);
        return new Network("alexnet", "AlexNet", "Krizhevsky et al. 2012, two towers", b.Layers);
    }

    private static Network AlexNetOneTower()
    {
        NetworkBuilder b = new(3, 224, 224);
        int t = b.MaxPool(b.Conv(-1, 64, 11, 4, 2), 3, 2);
        t = b.MaxPool(b.Conv(t, 192, 5, 1, 2), 3, 2);
        t = b.Conv(b.Conv(b.Conv(t, 384, 3, 1, 1), 256, 3, 1, 1), 256, 3, 1, 1);
        b.Full(b.Full(b.Full(b.MaxPool(t, 3, 2), 4096), 4096), 1000);
        return new Network("alexnet-one-tower", "AlexNet, one tower", "Krizhevsky 2014", b.Layers);
    }

    private static Network Vgg16()
    {
        NetworkBuilder b = new(3, 224, 224);
        int t = -1;
        foreach ((int channels, int convolutions) in new[] { (64, 2), (128, 2), (256, 3), (512, 3), (512, 3) })
        {
            for (int i = 0; i < convolutions; i++)
                t = b.Conv(t, channels, 3, 1, 1);
            t = b.MaxPool(t, 2, 2);
        }

        b.Full(b.Full(b.Full(t, 4096), 4096), 1000);
        return new Network("vgg16", "VGG-16", "Simonyan and Zisserman 2015, configuration D", b.Layers);
    }

    private static Network ResNet(string name, string title, int[] stages, bool isBottleneck)
    {
        NetworkBuilder b = new(3, 224, 224);
        int t = b.MaxPool(b.Conv(-1, 64, 7, 2, 3), 3, 2, 1);
        for (int stage = 0; stage < stages.Length; stage++)
        {
            int channels = 64 << stage, outputs = isBottleneck ? 4 * channels : channels;
            for (int block = 0; block < stages[stage]; block++)
            {
                int stride = stage > 0 && block == 0 ? 2 : 1;
                int shortcut = stride == 1 && b.Shape(t).Channels == outputs ? t : b.Conv(t, outputs, 1, stride);
                int inner = isBottleneck ? b.Conv(b.Conv(t, channels, 1), channels, 3, stride, 1) : b.Conv(t, channels, 3, stride, 1);
                t = b.Add(isBottleneck ? b.Conv(inner, outputs, 1) : b.Conv(inner, outputs, 3, 1, 1), shortcut);
            }
        }

        b.Full(b.GlobalAverage(t), 1000);
        return new Network(name, title, "He et al. 2016, strides in the 3x3 convolutions", b.Layers);
    }

    private static Network ResNet20()
    {
        NetworkBuilder b = new(3, 32, 32);
        int t = b.Conv(-1, 16, 3, 1, 1);
        for (int i = 0; i < 9; i++)
        {
            int channels = 16 << (i / 3), stride = i is 3 or 6 ? 2 : 1;
            int shortcut = stride == 1 ? t : b.Conv(t, channels, 1, stride);
            t = b.Add(b.Conv(b.Conv(t, channels, 3, stride, 1), channels, 3, 1, 1), shortcut);
        }

        b.Full(b.GlobalAverage(t), 10);
        return new Network("resnet20", "ResNet-20", "He et al. 2016 for CIFAR-10; shortcuts that change the shape are 1x1 convolutions",
            b.Layers);
    }

    private static Network MobileNetV1()
    {
        NetworkBuilder b = new(3, 224, 224);
        int t = b.Conv(-1, 32, 3, 2, 1);
        foreach ((int channels, int stride) in new[]
        {
            (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1), (1024, 2),
            (1024, 1),
        })
        {
            t = b.Conv(b.Depthwise(t, stride), channels, 1);
        }

        b.Full(b.GlobalAverage(t), 1000);
        return new Network("mobilenetv1", "MobileNetV1", "Howard et al. 2017, width 1.0", b.Layers);
    }

    private static Network MobileNetV2()
    {
        NetworkBuilder b = new(3, 224, 224);
        int t = b.Conv(-1, 32, 3, 2, 1);
        foreach ((int expansion, int channels, int blocks, int first) in new[]
        {
            (1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1),
        })
        {
            for (int block = 0; block < blocks; block++)
            {
                int stride = block == 0 ? first : 1, inputs = b.Shape(t).Channels;
                int wide = expansion == 1 ? t : b.Conv(t, expansion * inputs, 1);
                int narrow = b.Conv(b.Depthwise(wide, stride), channels, 1);
                t = stride == 1 && inputs == channels ? b.Add(narrow, t) : narrow;
            }
        }

        b.Full(b.GlobalAverage(b.Conv(t, 1280, 1)), 1000);
        return new Network("mobilenetv2", "MobileNetV2", "Sandler et al. 2018, width 1.0", b.Layers);
    }

    private static Network SqueezeNet()
    {
        NetworkBuilder b = new(3, 227, 227);
        int Fire(int source, int squeeze, int expand)
        {
            int narrow = b.Conv(source, squeeze, 1);
            return b.Concat(b.Conv(narrow, expand, 1), b.Conv(narrow, expand, 3, 1, 1));
        }

        int t = b.MaxPool(b.Conv(-1, 96, 7, 2), 3, 2, 0, true);
        t = b.MaxPool(Fire(Fire(Fire(t, 16, 64), 16, 64), 32, 128), 3, 2, 0, true);
        t = b.MaxPool(Fire(Fire(Fire(Fire(t, 32, 128), 48, 192), 48, 192), 64, 256), 3, 2, 0, true);
        b.GlobalAverage(b.Conv(Fire(t, 64, 256), 1000, 1));
        return new Network("squeezenet", "SqueezeNet 1.0", "Iandola et al. 2016", b.Layers);
    }
}
