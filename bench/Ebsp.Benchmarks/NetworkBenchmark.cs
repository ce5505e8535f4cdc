using System.Globalization;
using Ebsp.Compiler;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Emulator;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Benchmarks;

/// <summary>ResNet-20 at 6-bit(3) on the default machine: the fast engine on one thread beside the limit of 256-bit VNNI, with and without
/// counting.</summary>
internal static class NetworkBenchmark
{
    private const int Images = 8;
    private const int LimitIterations = 400_000;

    public static int Run()
    {
        string data = Environment.GetEnvironmentVariable("EBSP_DATA") ?? "../shared/data";
        string model = Path.Combine(data, "models/resnet20-cifar10.onnx");
        if (!File.Exists(model))
        {
            Console.Error.WriteLine($"{model} is not there; set EBSP_DATA to the folder of the pretrained networks");
            return 1;
        }

        Graph network = OnnxImporter.Import(model, new ImportOptions(new Preprocessing(1 / 255.0, [.485, .456, .406], [.229, .224, .225])));
        ImageSet images = DataReader.Read(Path.Combine(data, "cifar10/train_1.med.br"), new DataOptions { Count = 64 });
        Graph graph = Quantizer.Run(network, images).Graph;
        EbspProgram program = ModelCompiler.Compile(graph, new CompileOptions(ArchPresets.Default, Images, new string('0', 64), ""));
        Machine machine = new(program);
        for (int n = 0; n < Images; n++)
            machine.WriteImage(n, images.PixelsOf(n));
        EbspProgram single = ModelCompiler.Compile(graph, new CompileOptions(ArchPresets.Default, 1, new string('0', 64), ""));
        Machine one = new(single);
        one.WriteImage(0, images.PixelsOf(0));
        double[] times = Rounds.Medians(101,
            () => TileBenchmark.VnniLimit(LimitIterations),
            () => machine.Run(),
            () =>
            {
                machine.Run();
                TimingModel.Run(program);
            },
            () => one.Run(),
            () =>
            {
                one.Run();
                TimingModel.Run(single);
            });
        double limit = LimitIterations * 12 * 32.0 / times[0];
        double macs = TimingModel.Run(program).Actions.Macs, singleMacs = TimingModel.Run(single).Actions.Macs;
        Console.WriteLine(Rounds.Machine());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"limit of 256-bit VNNI          {limit * 1e-6,7:F1} GMAC/s"));
        Line($"batch {Images}", macs, times[1]);
        Line($"batch {Images}, counting", macs, times[2]);
        Line("batch 1", singleMacs, times[3]);
        Line("batch 1, counting", singleMacs, times[4]);
        return 0;

        void Line(string name, double work, double milliseconds) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name,-28}   {work / milliseconds * 1e-6,7:F1} GMAC/s, {work / milliseconds / limit:F3} of the limit, {milliseconds:F3} " +
                $"ms a run"));
    }
}
