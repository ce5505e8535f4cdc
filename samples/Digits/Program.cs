using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ebsp.Compiler;
using Ebsp.Compiler.Data;
using Ebsp.Compiler.Import;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.Compiler.Reference;
using Ebsp.Emulator;
using Ebsp.Emulator.Timing;
using Ebsp.Isa.Machine;
using Ebsp.Isa.Programs;

namespace Ebsp.Samples.Digits;

/// <summary>From a trained network to the accelerator's answers: 360 handwritten digits that the network has never seen.</summary>
internal static class Program
{
    private const int Classes = 10;

    private static int Main()
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Run(Console.Out);
        return 0;
    }

    /// <summary>Everything, in the order in which the data goes through the house.</summary>
    internal static void Run(TextWriter output)
    {
        string onnx = Path.Combine(AppContext.BaseDirectory, "digits.onnx");
        ImageSet heldOut = DataReader.Read(Path.Combine(AppContext.BaseDirectory, "digits-heldout.csv.gz"));
        ImageSet calibration = DataReader.Read(Path.Combine(AppContext.BaseDirectory, "digits-calibration.csv.gz"));

        // Import: pixels are 0..16, and the network was trained on pixel / 16.
        ImportOptions pixels = new(new Preprocessing(Scale: 1.0 / 16, Mean: [0], Std: [1]));
        Graph network = OnnxImporter.Import(onnx, pixels);

        // Quantise: weights and activations become 6-bit integers whose ones lie within 3 bits.
        Graph integers = Quantizer.Run(network, calibration).Graph;

        // Compile for the default machine, 66 x 73 processing elements without multipliers.
        string source = Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(onnx)));
        EbspProgram program = ModelCompiler.Compile(integers, new CompileOptions(ArchPresets.Default, Batch: 1, source, "samples/Digits"));

        // Run on the emulated machine, image by image.
        Machine machine = new(program);
        int[] answers = new int[heldOut.Count];
        float[] scores = new float[Classes];
        for (int n = 0; n < answers.Length; n++)
        {
            machine.WriteImage(n: 0, heldOut.PixelsOf(n));
            machine.Run();
            machine.ReadScores(n: 0, scores);
            answers[n] = Best(scores);
        }

        // Time does not depend on the image: one run of the timing model says it for all.
        TimingReport timing = TimingModel.Run(program);
        Report(output, heldOut, answers, FloatAnswers(network, heldOut), timing, program.Arch);
        Picture(output, heldOut, answers, count: 6);
    }

    private static int[] FloatAnswers(Graph network, ImageSet images)
    {
        FloatInterpreter interpreter = new(network);
        float[] scores = new float[Classes];
        int[] answers = new int[images.Count];
        for (int n = 0; n < answers.Length; n++)
        {
            interpreter.Run(InputImages.Values(network, images, n), scores);
            answers[n] = Best(scores);
        }

        return answers;
    }

    private static int Best(ReadOnlySpan<float> scores)
    {
        int best = 0;
        for (int c = 1; c < scores.Length; c++)
        {
            if (scores[c] > scores[best])
                best = c;
        }

        return best;
    }

    private static void Report(TextWriter output, ImageSet images, int[] answers, int[] floatAnswers, TimingReport timing, ArchSpec arch)
    {
        int right = answers.Where((answer, n) => answer == images.Labels![n]).Count();
        int same = answers.Where((answer, n) => answer == floatAnswers[n]).Count();
        double microseconds = timing.Cycles * 1e6 / arch.ClockHz;
        Print($"accuracy     {right} of {images.Count} held-out digits, {100.0 * right / images.Count:F2} %");
        Print($"agreement    {same} of {images.Count} answers are those of the float network");
        Print($"cycles       {timing.Cycles:N0} an image, {microseconds:F2} us at {arch.ClockHz / 1e6:F0} MHz");
        Print($"utilisation  {100 * timing.Utilisation:F2} % of {arch.Rows} x {arch.Columns} processing elements");

        void Print(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The first digits side by side, two characters a pixel, with answers and labels beneath.</summary>
    private static void Picture(TextWriter output, ImageSet images, int[] answers, int count)
    {
        const string shades = " ░▒▓█";
        output.WriteLine();
        for (int row = 0; row < images.Height; row++)
        {
            StringBuilder line = new();
            for (int n = 0; n < count; n++)
            {
                foreach (byte pixel in images.PixelsOf(n).Slice(row * images.Width, images.Width))
                    line.Append(shades[(pixel + 3) / 4], repeatCount: 2);
                line.Append("  ");
            }

            output.WriteLine(line.ToString().TrimEnd());
        }

        IEnumerable<string> captions = Enumerable.Range(0, count).Select(n => $"answer {answers[n]} label {images.Labels![n]}".PadRight(2 * images.Width + 2));
        output.WriteLine(string.Concat(captions).TrimEnd());
    }
}
