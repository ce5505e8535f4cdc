using System.Globalization;
using System.IO.Compression;
using System.Text;
using Ebsp.Emulator.Timing;

namespace Ebsp.Samples.Digits;

/// <summary>360 handwritten digits that the network has never seen, classified on the emulated accelerator.</summary>
internal static class Program
{
    private static void Main()
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        Run(Console.Out);
    }

    /// <summary>Everything.</summary>
    internal static void Run(TextWriter output)
    {
        // digits.q.pb became this class when the project was built: see the EbspModel item in Digits.csproj.
        DigitsModel model = DigitsModel.Load();

        List<Digit> digits = Read(Path.Combine(AppContext.BaseDirectory, "digits-heldout.csv.gz"));
        Classification[] answers = [.. digits.Select(digit => model.Classify(digit.Pixels))];

        Report(output, model, digits.Zip(answers).Count(pair => pair.First.Label == pair.Second.Class), digits.Count);
        Picture(output, [.. digits.Zip(answers).Take(6)]);
    }

    /// <summary>Lines of 64 pixels 0..16, row by row, and the label.</summary>
    private static List<Digit> Read(string path)
    {
        List<Digit> digits = [];
        using StreamReader reader = new(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        while (reader.ReadLine() is string line)
        {
            byte[] values = Array.ConvertAll(line.Split(','), text => byte.Parse(text, CultureInfo.InvariantCulture));
            digits.Add(new Digit(values[..^1], values[^1]));
        }

        return digits;
    }

    private static void Report(TextWriter output, DigitsModel model, int right, int count)
    {
        // Time does not depend on the image.
        TimingReport timing = model.Timing;
        double microseconds = timing.Cycles * 1e6 / model.Arch.ClockHz;
        Print($"accuracy     {right} of {count} held-out digits, {100.0 * right / count:F2} %");
        Print($"cycles       {timing.Cycles:N0} an image, {microseconds:F2} us at {model.Arch.ClockHz / 1e6:F0} MHz");
        Print($"utilization  {100 * timing.Utilization:F2} % of {model.Arch.Rows} x {model.Arch.Columns} processing elements");

        void Print(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Digits side by side, two characters a pixel, with answers and labels beneath.</summary>
    private static void Picture(TextWriter output, (Digit Digit, Classification Answer)[] shown)
    {
        const string shades = " ░▒▓█";
        output.WriteLine();
        for (int row = 0; row < DigitsModel.InputHeight; row++)
        {
            StringBuilder line = new();
            foreach ((Digit digit, _) in shown)
            {
                foreach (byte pixel in digit.Pixels.AsSpan(row * DigitsModel.InputWidth, DigitsModel.InputWidth))
                    line.Append(shades[(pixel + 3) / 4], repeatCount: 2);
                line.Append("  ");
            }

            output.WriteLine(line.ToString().TrimEnd());
        }

        IEnumerable<string> captions =
            shown.Select(pair => $"answer {pair.Answer.Class} label {pair.Digit.Label}".PadRight(2 * DigitsModel.InputWidth + 2));
        output.WriteLine(string.Concat(captions).TrimEnd());
    }

    private sealed record Digit(byte[] Pixels, int Label);
}
