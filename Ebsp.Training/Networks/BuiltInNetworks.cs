using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Training.Data;

namespace Ebsp.Training.Networks;

/// <summary>Networks for CIFAR-10 and the digits with initial weights (He et al. 2015) and batch normalization behind each
/// convolution.</summary>
public static class BuiltInNetworks
{
    private static readonly Preprocessing Cifar = new(1 / 255.0, [0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616]);
    private static readonly string[] CifarClasses =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    private static readonly (string Name, Action<NetworkWriter> Write)[] Table =
    [
        ("digits", Digits),
        ("resnet-8", net => ResNet(net, 1, 3)),
        ("resnet-20", net => ResNet(net, 3, 3)),
        ("resnet-32", net => ResNet(net, 5, 3)),
        ("resnet-56", net => ResNet(net, 9, 3)),
        ("alexnet", AlexNet),
        ("vgg-11", Vgg11),
        ("mobilenet-v1", MobileNetV1),
        ("mobilenet-v2", MobileNetV2),
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Table.Select(row => row.Name)];

    /// <summary>A network.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="seed">Of the weights.</param>
    /// <exception cref="EbspException">EBSP7101: there is no such network.</exception>
    public static Graph Create(string name, ulong seed)
    {
        Action<NetworkWriter>? write = Array.Find(Table, row => row.Name == name).Write;
        if (write is null)
            throw DiagnosticDescriptors.Usage.Error(null, "train", $"--network '{name}' is none of {string.Join(", ", Names)}");
        bool isDigits = name == "digits";
        GraphBuilder builder = new(name, "pixels", isDigits ? new Shape(1, 8, 8) : new Shape(3, 32, 32))
        {
            Preprocessing = isDigits ? new Preprocessing(1 / 16.0, [0], [1]) : Cifar,
            Labels = isDigits ? [.. Enumerable.Range(0, 10).Select(digit => $"{digit}")] : [.. CifarClasses],
        };
        NetworkWriter network = new(builder, new Numbers(seed, "weights " + name, 0));
        write(network);
        return builder.Build(network.At);
    }

    // Two convolutions, a pool, one residual block, a fully connected layer: 28,304 weights.
    private static void Digits(NetworkWriter net)
    {
        net.Convolve("conv1", 16);
        net.Convolve("conv2", 32);
        net.MaxPool("pool", 2, 2);
        string skip = net.At;
        net.Convolve("conv3", 32);
        net.Convolve("conv4", 32, activation: null);
        net.Add("add", skip);
        net.Dense("scores", 10);
    }

    // He et al. 2016, section 4.2: stages of 16, 32 and 64 channels; shortcuts that drop rows and columns and add channels of zeros
    // (option A).
    private static void ResNet(NetworkWriter net, int blocks, int stages)
    {
        net.Convolve("conv1", 16);
        for (int stage = 0; stage < stages; stage++)
        {
            for (int block = 0; block < blocks; block++)
            {
                int channels = 16 << stage, stride = stage > 0 && block == 0 ? 2 : 1;
                string name = $"layer{stage + 1}.{block}", skip = net.At;
                net.Convolve(name + ".conv1", channels, stride: stride);
                net.Convolve(name + ".conv2", channels, activation: null);
                net.Add(name + ".add", stride == 1 ? skip : net.Shortcut(name + ".shortcut", skip, channels));
            }
        }

        net.AverageAll("pool");
        net.Dense("scores", 10);
    }

    // Krizhevsky et al. 2012, five convolutions, brought to 32 x 32: 3x3 kernels, pools of 2, one layer of 10.
    private static void AlexNet(NetworkWriter net)
    {
        net.Convolve("conv1", 64, stride: 2);
        net.MaxPool("pool1", 2, 2);
        net.Convolve("conv2", 192);
        net.MaxPool("pool2", 2, 2);
        net.Convolve("conv3", 384);
        net.Convolve("conv4", 256);
        net.Convolve("conv5", 256);
        net.MaxPool("pool5", 2, 2);
        net.Dense("scores", 10);
    }

    // Simonyan and Zisserman 2015, column A, with one fully connected layer, as is usual for CIFAR.
    private static void Vgg11(NetworkWriter net)
    {
        int[][] stages = [[64], [128], [256, 256], [512, 512], [512, 512]];
        for (int stage = 0; stage < stages.Length; stage++)
        {
            for (int i = 0; i < stages[stage].Length; i++)
                net.Convolve($"conv{stage + 1}.{i + 1}", stages[stage][i]);
            net.MaxPool($"pool{stage + 1}", 2, 2);
        }

        net.Dense("scores", 10);
    }

    // Howard et al. 2017; the first stride is 1 for pictures of 32 x 32.
    private static void MobileNetV1(NetworkWriter net)
    {
        net.Convolve("conv1", 32);
        (int Channels, int Stride)[] blocks =
        [
            (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1), (512, 1), (512, 1),
            (1024, 2), (1024, 1),
        ];
        for (int i = 0; i < blocks.Length; i++)
        {
            net.Convolve($"block{i + 1}.depthwise", net.Channels, stride: blocks[i].Stride, groups: net.Channels);
            net.Convolve($"block{i + 1}.pointwise", blocks[i].Channels, kernel: 1);
        }

        net.AverageAll("pool");
        net.Dense("scores", 10);
    }

    // Sandler et al. 2018, table 2; the first two strides are 1 for pictures of 32 x 32.
    private static void MobileNetV2(NetworkWriter net)
    {
        Clamp relu6 = new(0, 6);
        net.Convolve("conv1", 32, activation: relu6);
        (int Expansion, int Channels, int Blocks, int Stride)[] rows =
            [(1, 16, 1, 1), (6, 24, 2, 1), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];
        int number = 0;
        foreach ((int expansion, int channels, int blocks, int first) in rows)
        {
            for (int block = 0; block < blocks; block++)
            {
                string name = $"block{++number}", skip = net.At;
                int stride = block == 0 ? first : 1, width = net.Channels;
                if (expansion > 1)
                    net.Convolve(name + ".expand", width * expansion, kernel: 1, activation: relu6);
                net.Convolve(name + ".depthwise", net.Channels, stride: stride, groups: net.Channels, activation: relu6);
                net.Convolve(name + ".project", channels, kernel: 1, activation: null);
                if (stride == 1 && width == channels)
                    net.Add(name + ".add", skip, isActivated: false);
            }
        }

        net.Convolve("conv2", 1280, kernel: 1, activation: relu6);
        net.AverageAll("pool");
        net.Dense("scores", 10);
    }
}
