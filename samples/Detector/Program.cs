using System.Globalization;

namespace Ebsp.Samples.Detector;

/// <summary>A rectangle in pixels with its score.</summary>
/// <param name="Left">Left edge.</param>
/// <param name="Top">Upper edge.</param>
/// <param name="Right">Right edge, behind the last pixel.</param>
/// <param name="Bottom">Lower edge, behind the last pixel.</param>
/// <param name="Score">0..1.</param>
internal readonly record struct Box(double Left, double Top, double Right, double Bottom, double Score)
{
    /// <summary>Area of what both share over that of what one of them has, 0..1.</summary>
    public double Overlap(Box other)
    {
        double width = Math.Max(0, Math.Min(Right, other.Right) - Math.Max(Left, other.Left));
        double height = Math.Max(0, Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top));
        return width * height / (Area + other.Area - width * height);
    }

    private double Area => (Right - Left) * (Bottom - Top);
}

/// <summary>
/// Finds bright squares in a picture as a face detector finds faces: two heads of different size, each with a score and a box at every cell
/// of a grid. The network gives numbers; what they mean as boxes, and which boxes are one thing, is decided here.
/// </summary>
internal static class Program
{
    private const double LeastScore = 0.5, MostOverlap = 0.3;

    private static void Main() => Run(Console.Out);

    /// <summary>Everything.</summary>
    /// <returns>The boxes that were found, the best first.</returns>
    internal static IReadOnlyList<Box> Run(TextWriter output)
    {
        // detector.onnx became this class when the project was built: see the EbspModel item in Detector.csproj.
        DetectorModel model = DetectorModel.Load();
        byte[] picture = Scene.Draw(DetectorModel.InputWidth, DetectorModel.InputHeight, Scene.Squares);

        // One array for each output.
        float[] smallScores = new float[DetectorModel.OutputHeight * DetectorModel.OutputWidth];
        float[] smallBoxes = new float[4 * smallScores.Length];
        float[] largeScores = new float[DetectorModel.Output3Height * DetectorModel.Output3Width];
        float[] largeBoxes = new float[4 * largeScores.Length];
        model.Run(picture, smallScores, smallBoxes, largeScores, largeBoxes);

        List<Box> boxes =
        [
            .. Decode(smallScores, smallBoxes, DetectorModel.OutputWidth, DetectorModel.InputWidth),
            .. Decode(largeScores, largeBoxes, DetectorModel.Output3Width, DetectorModel.InputWidth),
        ];
        List<Box> found = Suppress(boxes);
        foreach (Box box in found)
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{box.Left,5:F1} {box.Top,5:F1} {box.Right,5:F1} {box.Bottom,5:F1}  score {box.Score:F2}"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{boxes.Count} cells above {LeastScore}, {found.Count} objects, {DetectorModel.Cycles:N0} cycles"));
        return found;
    }

    /// <summary>The boxes of a head: the center is the middle of a cell moved by two numbers, the size a prior times exp of two.</summary>
    /// <param name="scores">[H][W], after sigmoid.</param>
    /// <param name="numbers">[4][H][W]: moves in cells, logarithms of sizes in cells.</param>
    /// <param name="cells">Cells of a row.</param>
    /// <param name="pixels">Pixels of a row.</param>
    private static IEnumerable<Box> Decode(float[] scores, float[] numbers, int cells, int pixels)
    {
        double stride = (double)pixels / cells;
        for (int cell = 0; cell < scores.Length; cell++)
        {
            if (scores[cell] < LeastScore)
                continue;
            double Number(int index) => numbers[index * scores.Length + cell];
            double x = (cell % cells + 0.5 + Number(0)) * stride, y = (cell / cells + 0.5 + Number(1)) * stride;
            double width = Math.Exp(Number(2)) * stride, height = Math.Exp(Number(3)) * stride;
            yield return new Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2, scores[cell]);
        }
    }

    /// <summary>Non-maximum suppression: of boxes that overlap the best one stays.</summary>
    private static List<Box> Suppress(IEnumerable<Box> boxes)
    {
        List<Box> kept = [];
        foreach (Box box in boxes.OrderByDescending(box => box.Score))
        {
            if (kept.TrueForAll(better => better.Overlap(box) < MostOverlap))
                kept.Add(box);
        }

        return kept;
    }
}
