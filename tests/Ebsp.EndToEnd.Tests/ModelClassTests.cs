using Ebsp.Compiler.Data;
using Ebsp.Emulator;
using Ebsp.Emulator.Models;
using Ebsp.Isa.Programs;
using Ebsp.TestKit;
using Ebsp.TestKit.Calling;
using Ebsp.TestKit.Networks;

namespace Ebsp.EndToEnd.Tests;

/// <summary>Compiled networks behind the class that the generator derives from.</summary>
[TestClass]
public sealed class ModelClassTests
{
    [TestMethod]
    [DataRow(1, EngineKind.Fast)]
    [DataRow(4, EngineKind.Fast)]
    [DataRow(4, EngineKind.Literal)]
    public void Run_DigitsOneByOneAndAllAtOnce_GiveWhatEbspcRunGives(int batch, EngineKind engine)
    {
        using TemporaryFolder folder = new();
        string program = folder.File("digits.ebsp"), logits = folder.File("logits.npy");
        Ebspc.Run("compile", folder.Write("digits.q.pb", DigitsModel.Integers), "--batch", $"{batch}", "-o", program).Expect(0);
        Ebspc.Run("run", program, "--input", DigitsModel.HeldOut, "-o", logits).Expect(0);
        float[] expected = (float[])NpyFile.Read(logits).Data;
        ImageSet images = DataReader.Read(DigitsModel.HeldOut);
        byte[] file = File.ReadAllBytes(program);
        Model model = new(new ModelBlob(file, program, ProgramReader.DigestOf(file)), new MachineOptions { Engine = engine });

        byte[] pixels = [.. Enumerable.Range(0, images.Count).SelectMany(n => images.PixelsOf(n).ToArray())];
        CollectionAssert.AreEqual(expected, model.Run(pixels));
        int[] integers = model.RunIntegers(pixels);
        int right = 0;
        for (int n = 0; n < images.Count; n++)
        {
            CollectionAssert.AreEqual(expected[(n * 10)..(n * 10 + 10)], model.Run(images.PixelsOf(n)));
            for (int c = 0; c < 10; c++)
                Assert.AreEqual(expected[n * 10 + c], (float)(integers[n * 10 + c] * model.Output.Scale));
            right += model.Classify(images.PixelsOf(n)).Class == images.Labels![n] ? 1 : 0;
        }

        Assert.IsGreaterThanOrEqualTo(350, right);
    }

    private sealed class Model(ModelBlob blob, MachineOptions options) : EbspModel(blob, options);
}
