using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Output;
using Ebsp.Samples.Detector;
using Ebsp.TestKit;

namespace Ebsp.Compiler.Tests.Ir;

/// <summary>The network of samples/Detector and its calibration pictures are made here.</summary>
[TestClass]
public sealed class DetectorModelTests
{
    private const int Size = 64;

    [TestMethod]
    public void Network_OfTheSample_IsTheOneMadeHere()
    {
        string file = Path.Combine(Golden.RepositoryRoot, "samples/Detector/detector.onnx");
        byte[] made = OnnxView.Write(Network());
        if (Golden.Bless)
        {
            File.WriteAllBytes(file, made);
            WritePictures(Path.Combine(Golden.RepositoryRoot, "samples/Detector/detector-calibration.zip"));
        }

        CollectionAssert.AreEqual(File.ReadAllBytes(file), made);
    }

    // Brightness of cells of 4 x 4 pixels, then of 8 x 8 and 16 x 16; a score where a cell is brighter than what surrounds it, and moves
    // towards the brighter neighbor.
    private static Graph Network()
    {
        GraphBuilder builder = new("detector", "picture", new Shape(3, Size, Size));
        string cells = Pool("cells", "picture", 3, 4, 1.0 / 48);
        string small = Pool("small", cells, 1, 2, 1.0 / 4), large = Pool("large", small, 1, 2, 1.0 / 4);
        GraphOutput[] outputs = [.. Heads("small", small), .. Heads("large", large)];
        return builder.Build(outputs);

        string Pool(string name, string from, int channels, int size, double weight) => builder.Add(name + "_relu",
            new Clamp(0, float.PositiveInfinity), builder.Add(name, new Conv(1, new KernelWindow(size, size, size, size), 1,
                Repeated(channels * size * size, weight), [0]), from));

        GraphOutput[] Heads(string name, string from)
        {
            KernelWindow around = new(3, 3, 1, 1, 1, 1, 1, 1);
            double[] surround = [-1, -1, -1, -1, 8, -1, -1, -1, -1];
            string score = builder.Add(name + "_logits", new Conv(1, around, 1, [.. surround.Select(w => (float)(2 * w))],
                [name == "small" ? -4 : -12]), from);
            float[] moves = new float[4 * 9];
            (moves[3], moves[5], moves[9 + 1], moves[9 + 7]) = (-0.625f, 0.625f, -0.625f, 0.625f);
            float log = name == "small" ? MathF.Log(2) : 0;
            string boxes = builder.Add(name + "_boxes", new Conv(4, around, 1, [.. moves], [0, 0, log, log]), from);
            string scores = builder.Add(name + "_scores", new PointFunction(PointFunctionKind.Sigmoid), score);
            return [new GraphOutput(scores), new GraphOutput(boxes)];
        }
    }

    private static ImmutableArray<float> Repeated(int count, double value) => [.. Enumerable.Repeat((float)value, count)];

    private static void WritePictures(string path)
    {
        using FileStream file = File.Create(path);
        using ZipArchive zip = new(file, ZipArchiveMode.Create);
        Random random = new(5);
        for (int n = 0; n < 8; n++)
        {
            List<(int, int, int)> squares = [];
            for (int i = 0; i < 2; i++)
                squares.Add((8 * random.Next(6) / 2 * 2, 32 * i + 2 * random.Next(8), 16));
            byte[] planes = Scene.Draw(Size, Size, squares, (uint)n + 2);
            ZipArchiveEntry entry = zip.CreateEntry($"{n}.ppm");
            entry.LastWriteTime = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using Stream stream = entry.Open();
            stream.Write(Encoding.ASCII.GetBytes($"P6\n{Size} {Size}\n255\n"));
            for (int pixel = 0; pixel < Size * Size; pixel++)
            {
                for (int c = 0; c < 3; c++)
                    stream.WriteByte(planes[c * Size * Size + pixel]);
            }
        }
    }
}
