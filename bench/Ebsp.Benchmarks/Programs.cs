using Ebsp.Compiler;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Numerics;
using Ebsp.Isa.Programs;

namespace Ebsp.Benchmarks;

/// <summary>Programs for the default machine that several benchmarks take. Speed and memory do not depend on what images show: they are
/// seeded noise.</summary>
internal static class Programs
{
    private static readonly PatternFormat Unsigned = PatternFormat.Window(6, 3, false), Signed = PatternFormat.Window(6, 3, true),
        Ends = PatternFormat.Window(8, 3, true);

    /// <summary>A pretrained network of the data folder, 6-bit(3), calibrated on two images; null where it is absent.</summary>
    public static EbspProgram? Pretrained(string network, Preprocessing preprocessing, int batch = 1) =>
        Quantized(network, preprocessing) is { } graph ? Compile(graph, batch) : null;

    /// <summary>The integer graph of a pretrained network, 6-bit(3), calibrated on two images; null where the network is absent.</summary>
    public static Graph? Quantized(string network, Preprocessing preprocessing)
    {
        string path = PathOf(network);
        if (!File.Exists(path))
        {
            Console.Error.WriteLine($"{path} is not there; set EBSP_DATA to the folder of the pretrained networks");
            return null;
        }

        Graph graph = OnnxImporter.Import(path, new ImportOptions(preprocessing));
        return Quantizer.Run(graph, Noise(graph.InputShape, 2), new QuantizerOptions { ErrorFeedback = false }).Graph;
    }

    /// <summary>Full path of a pretrained network, whether it is there or not.</summary>
    public static string PathOf(string network) =>
        Path.GetFullPath(Path.Combine(Environment.GetEnvironmentVariable("EBSP_DATA") ?? "../shared/data", "models", network + ".onnx"));

    /// <summary>MobileNetV2 1.0 224.</summary>
    public static EbspProgram? MobileNetV2() => Pretrained("mobilenetv2-1.0-224-ptq", Preprocessing.None);

    /// <summary>ResNet-20 for CIFAR-10.</summary>
    public static EbspProgram? ResNet20(int batch = 1) =>
        Pretrained("resnet20-cifar10", new Preprocessing(1 / 255.0, [.485, .456, .406], [.229, .224, .225]), batch);

    /// <summary>ResNet-50 v1.5 at 224 x 224 with seeded weights: 4.09 G MACs, 25.5 M weights.</summary>
    public static EbspProgram ResNet50()
    {
        Network net = new(new Shape(3, 224, 224), terms: 2);
        string x = net.Conv("input", 64, 7, 2, Ends);
        x = net.Add(new MaxPool(new KernelWindow(3, 3, 2, 2, 1, 1, 1, 1), false), x);
        foreach ((int stage, int blocks) in new[] { 3, 4, 6, 3 }.Index())
        {
            int width = 64 << stage;
            for (int block = 0; block < blocks; block++)
            {
                int stride = block == 0 && stage > 0 ? 2 : 1;
                string shortcut = block == 0 ? net.Conv(x, 4 * width, 1, stride, Signed) : x;
                x = net.Conv(net.Conv(net.Conv(x, width, 1, 1, Signed), width, 3, stride, Signed), 4 * width, 1, 1, Signed, shortcut);
            }
        }

        return net.Finish(x, 1000);
    }

    /// <summary>As many 3x3 convolutions of 64 channels at 28 x 28 one after another: 28.9 M MACs each.</summary>
    public static EbspProgram Chain(int layers)
    {
        Network net = new(new Shape(64, 28, 28), terms: 1);
        string x = "input";
        for (int i = 0; i < layers; i++)
            x = net.Conv(x, 64, 3, 1, Signed);
        return net.Finish(x, 10);
    }

    /// <summary>Images of noise.</summary>
    public static ImageSet Noise(Shape shape, int count)
    {
        byte[] pixels = new byte[count * shape.Elements];
        new Random(4818).NextBytes(pixels);
        return new ImageSet("noise", shape.Channels, shape.Height, shape.Width, count, pixels, null);
    }

    /// <summary>Compiles a graph and opens the file, as ebspc does.</summary>
    public static EbspProgram Compile(Graph graph, int batch) =>
        ProgramReader.Open(ProgramWriter.Write(
            ModelCompiler.Compile(graph, new CompileOptions(ArchPresets.Default, batch, new string('0', 64), ""))));

    // An integer graph of seeded weights.
    private sealed class Network(Shape input, int terms)
    {
        private readonly GraphBuilder _builder =
            new("network", "input", input, new InputEncoding(PatternFormat.Window(8, 3, false), terms, 1));
        private readonly Random _random = new(20220711);
        private int _number;

        public string Add(Op op, params string[] inputs) => _builder.Add($"n{++_number}", op, inputs);

        public string Conv(string source, int outputs, int kernel, int stride, PatternFormat weights, string? added = null) =>
            Requantize(Sums(source, outputs, kernel, stride, weights), 20, 0, 63, Unsigned, added);

        public EbspProgram Finish(string source, int classes)
        {
            Shape shape = _builder.TypeOf(source).Shape;
            string average = Requantize(Add(new SumPool(new KernelWindow(shape.Height, shape.Width), false), source), 10, 0, 63, Unsigned);
            return Compile(_builder.Build(
                Requantize(Sums(average, classes, 1, 1, Ends), 1, -int.MaxValue, int.MaxValue, PatternFormat.Int32)), 1);
        }

        private string Sums(string source, int outputs, int kernel, int stride, PatternFormat format)
        {
            int inputs = _builder.TypeOf(source).Shape.Channels, pad = kernel / 2;
            int[] values = [.. format.Values()];
            sbyte[] weights = new sbyte[outputs * inputs * kernel * kernel];
            for (int i = 0; i < weights.Length; i++)
                weights[i] = (sbyte)values[_random.Next(values.Length)];
            return Add(new IntegerConv(outputs, new KernelWindow(kernel, kernel, stride, stride, pad, pad, pad, pad), 1, format,
                [.. weights], [.. new int[outputs]]), source);
        }

        private string Requantize(string source, int shift, int lo, int hi, PatternFormat format, string? added = null)
        {
            Requantize op = new([.. Enumerable.Repeat(1 << (shift / 2), _builder.TypeOf(source).Shape.Channels)], false, added is null
                ? 0
                : 1 << (shift - 1), [], shift, lo, hi, format);
            return added is null ? Add(op, source) : Add(op, source, added);
        }
    }
}
