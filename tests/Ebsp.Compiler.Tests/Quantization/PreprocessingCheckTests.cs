using Ebsp.Compiler.Data;
using Ebsp.Compiler.Diagnostics;
using Ebsp.Compiler.Ir;
using Ebsp.Compiler.Quantization;
using Ebsp.TestKit;
using KnownNetworks = Ebsp.TestKit.Networks.Networks;

namespace Ebsp.Compiler.Tests.Quantization;

/// <summary>A wrong preprocessing is seen where it changes answers, and the right one is left in peace.</summary>
[TestClass]
public sealed class PreprocessingCheckTests
{
    private static readonly string[] Quick = ["resnet8-cifar10", "mnist-burn"];
    private static readonly string[] Thorough =
    [
        "mnist-8", "resnet20-cifar10", "resnet32-cifar10", "resnet56-cifar10", "nascifarnet-cifar10", "mobilenetv1-0.25-128",
        "mobilenetv1-0.5-160", "mobilenetv2-1.0-224-ptq", "squeezenet1.0-dc",
    ];

    [TestMethod]
    public void Run_OnRealNetworks_WarnsOfWhatChangesAnswers()
    {
        int wrong = 0, found = 0;
        foreach (string network in LongMode.On ? [.. Quick, .. Thorough] : Quick)
        {
            Preprocessing right = KnownNetworks.PreprocessingOf(network);
            Graph graph = KnownNetworks.Import(network);
            ImageSet images = KnownNetworks.Images(network, 96);
            Assert.IsNull(PreprocessingCheck.Run(graph with { Preprocessing = right }, images), network);
            Assert.IsNull(PreprocessingCheck.Run(graph with { Preprocessing = right }, images with { Labels = null }), network);
            foreach (Preprocessing kind in Kinds(right, graph.InputShape.Channels))
            {
                (float[] good, float[] bad) = (Scores(graph with { Preprocessing = right }, images),
                    Scores(graph with { Preprocessing = kind }, images));
                double same = Ebsp.Compiler.Reports.Agreement.Of(good, bad, images.Count).Share;
                // A network that does not mind is no fault.
                if (same > 0.8)
                    continue;
                wrong++;
                Diagnostic? doubt = PreprocessingCheck.Run(graph with { Preprocessing = kind }, images);
                found += doubt is { Code: "EBSP2024", IsWarning: true } ? 1 : 0;
                Console.WriteLine($"{network} {kind.Scale:G3} {string.Join(',', kind.Mean)}: {same:P0} of answers; {
                    doubt?.Cause ?? "not seen"}");
            }
        }

        Assert.IsGreaterThan(3, wrong);
        Assert.IsGreaterThanOrEqualTo(0.9 * wrong, found);
    }

    [TestMethod]
    public void Run_WithOneThreadOrMany_SaysTheSame()
    {
        ImageSet images = KnownNetworks.Images("resnet8-cifar10", 32);
        Graph graph = KnownNetworks.Import("resnet8-cifar10") with { Preprocessing = new Preprocessing(1 / 255.0, [0], [1]) };
        Assert.AreEqual(PreprocessingCheck.Run(graph, images, threads: 1)!.Cause, PreprocessingCheck.Run(graph, images, threads: 4)!.Cause);
    }

    [TestMethod]
    public void Run_OnFewImagesOrValues_SaysNothing()
    {
        ImageSet images = KnownNetworks.Images("resnet8-cifar10", 15);
        Graph graph = KnownNetworks.Import("resnet8-cifar10") with { Preprocessing = new Preprocessing(1 / 255.0, [0], [1]) };
        Assert.IsNull(PreprocessingCheck.Run(graph, images));
        ImageSet values = images with { Count = 16, Pixels = [], Labels = null, Values = new float[16 * graph.InputShape.Elements] };
        Assert.IsNull(PreprocessingCheck.Run(graph, values));
    }

    // None, 1/255 alone, the mean and deviation forgotten, the scale twice, the colors turned.
    private static IEnumerable<Preprocessing> Kinds(Preprocessing right, int channels)
    {
        yield return Preprocessing.None;
        yield return new Preprocessing(1 / 255.0, [0], [1]);
        yield return right with { Mean = [0], Std = [1] };
        yield return right with { Scale = right.Scale / 255 };
        if (channels == 3)
            yield return right with { ReverseChannels = true };
    }

    private static float[] Scores(Graph graph, ImageSet images) => new Ebsp.Compiler.Execution.FloatExecutor(graph).Run(images, 2);
}
